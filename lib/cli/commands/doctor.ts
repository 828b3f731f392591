import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { terminal } from "../../report/terminal";
import { renderResults } from "../../report/text";
import {
  addHostOptions,
  addInstanceOptions,
  bundleOf,
  type HostOptions,
  type InstanceOptions,
} from "../options/options";
import { printJson, say } from "../output";

/** `doctor`: shows what the host has and what is missing; changes nothing. */
export function register(program: Command): void {
  const command = program
    .command("doctor")
    .description("show what this host has, what is missing, and how to fix it");
  addHostOptions(addInstanceOptions(command)).action(async (options: InstanceOptions & HostOptions) => {
    const { selectInstance } = await import("../../store/select");
    const { loadDeployment } = await import("../../session/load-deployment");
    const { hostRecord } = await import("../../store/host-record");
    const { inspectHost } = await import("../../operations/doctor");
    const instance = selectInstance({
      named: options.instance,
      keyGiven: Boolean(process.env.OPENROUTER_API_KEY),
    });
    const deployment = loadDeployment(instance, options.settings);
    const { home, settings, external } = deployment;
    const record = hostRecord.read(home);
    const findings = await inspectHost({
      ...(external ? { externalVault: deployment } : { wantedImage: settings.vault.image }),
      home: home.root,
      ...bundleOf(options),
      ...(record ? { record } : {}),
    });
    if (options.json) printJson({ version: 1, instance, findings });
    else for (const line of renderResults(findings, terminal())) say(line);
    process.exitCode = findings.some(({ status }) => status === "fail") ? ExitCode.Failed : ExitCode.Ok;
  });
}
