import { statSync } from "node:fs";
import type { Command } from "commander";
import { boundedText, longest } from "../core/bounded";
import { wrongUsage } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { validName } from "../model/instance-name";
import type { HostState, HostsReport, RemoteCommand } from "../report/hosts-report";
import { terminal } from "../report/terminal";
import { givenOptions } from "./command";
import { readGivenFile } from "./input/given-file";
import type { HostsOptions } from "./options/hosts-options";
import { argumentsOf, type InstanceOptions, type ReportOptions } from "./options/options";
import { printJson, sayOfOthers } from "./output";
import { withProgressLine } from "./phases";
import { writeReportFiles } from "./report-output";
import { interruptible } from "./run-command";

type Options = InstanceOptions & HostsOptions & ReportOptions & { readonly strict?: boolean };

/** The options that are this host's, or are always given. */
const own = ["hosts", "parallel", "hostTimeout", "json", "junit", "markdown", "unseal"];

/** What the command gets on each host, whatever the person gave: there it only reads. */
const always: Record<RemoteCommand, readonly string[]> = { check: ["--no-unseal"], drift: [], status: [] };

const exitCodes: Record<HostState, ExitCode> = {
  "not-deployed": ExitCode.NotDeployed,
  drift: ExitCode.Drift,
  failed: ExitCode.Failed,
  unknown: ExitCode.Failed,
  "not-applied": ExitCode.NotApplied,
  warning: ExitCode.Ok,
  success: ExitCode.Ok,
};

/**
 * Runs a read-only command on the hosts of `--hosts`.
 * @param passed the options, by name, that each host gets as well
 * @returns undefined if the option is not given
 */
export async function runOnHosts(
  { options, command }: { readonly options: object; readonly command: Command },
  passed: readonly string[],
): Promise<ExitCode | undefined> {
  const given = options as Options;
  const names = givenOptions(command);
  if (given.hosts === undefined) {
    requireNone(names, ["parallel", "hostTimeout"], "needs --hosts");
    return undefined;
  }
  const wrong = names.filter((name) => ![...own, ...passed, "instance"].includes(name));
  requireNone(wrong, wrong, "is not for --hosts, which only reads");
  const { readDestinations } = await import("../operations/remote/destinations");
  const { askHosts } = await import("../operations/remote/ask");
  const name = command.name() as RemoteCommand;
  const instance = given.instance === undefined ? undefined : validName(given.instance);
  const values = Object.fromEntries(
    names.filter((each) => passed.includes(each)).map((each) => [each, given[each as never]]),
  );
  const destinations = readDestinations(...(await readHostList(given.hosts)));
  return interruptible(async (signal) => {
    const report = await withProgressLine((progress) =>
      askHosts(destinations, {
        ...{ command: name, signal, progress, timeout: given.hostTimeout * 1000 },
        parallel: Math.min(given.parallel, destinations.length),
        args: [
          ...always[name],
          ...argumentsOf(command, values),
          ...(instance ? ["--instance", instance] : []),
        ],
        ...(instance ? { instance } : {}),
        strict: given.strict === true,
      }),
    );
    await tell(given, report);
    return exitCodes[report.outcome];
  });
}

/** The text of `--hosts`, and how messages name it. `-` is standard input. @throws UserError (wrong usage) if it cannot be read */
async function readHostList(path: string): Promise<[text: string, source: string]> {
  if (path === "-") return [await boundedText(process.stdin, longest.list), "standard input"];
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > longest.list)
    throw wrongUsage({ problem: `The list of hosts ${path} is too long.`, expected: "at most 16 MiB" });
  return [readGivenFile(path, "The list of hosts"), path];
}

async function tell(options: Options, report: HostsReport): Promise<void> {
  const { renderHosts, renderHostsJunit, renderHostsMarkdown } = await import("../report/hosts-render");
  if (options.json) printJson(report);
  sayOfOthers(renderHosts(report, terminal()));
  writeReportFiles(options, {
    junit: () => renderHostsJunit(report),
    markdown: () => renderHostsMarkdown(report),
  });
}

function requireNone(given: readonly string[], names: readonly string[], why: string): void {
  const wrong = given
    .filter((name) => names.includes(name))
    .map((name) => `--${name.replace(/[A-Z]/g, (sign) => `-${sign.toLowerCase()}`)}`);
  if (wrong.length === 0) return;
  throw wrongUsage({ problem: `${wrong.join(", ")} ${why}.` });
}
