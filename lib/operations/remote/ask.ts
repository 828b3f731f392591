import { UserError } from "../../core/errors";
import { inParallel } from "../../core/in-parallel";
import { childEnvironment } from "../../core/system/environment";
import { accountOf } from "../../core/system/os-user";
import { trustedProgram } from "../../host/trusted-files";
import { runUsersProgram } from "../../host/users-program";
import type { HostResult, HostsReport } from "../../report/hosts-report";
import { mostSevere } from "../../report/hosts-report";
import type { Destination } from "./destinations";
import { type Asked, judge } from "./judge";

export interface AskOptions extends Asked {
  /** The options that the command gets there; each only of letters, digits and `.,=-`. */
  readonly args: readonly string[];
  /** How many hosts are asked at once. */
  readonly parallel: number;
  /** Of each host, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/**
 * Runs a read-only command on many hosts, by OpenSSH with the person's own configuration, and merges the reports. Nothing of a
 * secret goes there: no environment, no standard input, no forwarded agent.
 * @throws UserError if there is no OpenSSH client that can be trusted; the signal's reason if it is aborted
 */
export async function askHosts(
  destinations: readonly Destination[],
  options: AskOptions,
): Promise<HostsReport> {
  const ssh = sshClient();
  const started = new Date();
  const hosts = new Map<Destination, HostResult>();
  await inParallel(destinations, options.parallel, async (destination) => {
    if (options.signal.aborted) return;
    hosts.set(destination, await askHost(ssh, destination, options));
    options.progress(`${hosts.size} of ${destinations.length} hosts answered`);
  });
  options.signal.throwIfAborted();
  const results = destinations.flatMap((each) => hosts.get(each) ?? []);
  return {
    version: 1,
    command: options.command,
    started: started.toISOString(),
    durationMs: Date.now() - started.getTime(),
    outcome: mostSevere(results),
    hosts: results,
  };
}

async function askHost(ssh: string, destination: Destination, options: AskOptions): Promise<HostResult> {
  const begin = performance.now();
  const { host, problem } = destination;
  const judged =
    problem === undefined
      ? judge(
          options,
          destination,
          await runUsersProgram(ssh, {
            args: sshArguments(destination, remoteCommand(options)),
            account: accountOf(),
            env: childEnvironment(),
            cwd: "/",
            input: "",
            timeout: options.timeout,
            signal: options.signal,
          }),
        )
      : { state: "unknown" as const, summary: problem, problems: [], fix: "Correct the inventory." };
  return { host, ...judged, durationMs: Math.round(performance.now() - begin) };
}

/**
 * ssh asks for nothing, forwards nothing, and starts no connection that stays. All else is the person's own configuration: a
 * connection that the person keeps open (`ControlPath`) is used, since a second factor may have been typed for it.
 * @param command one word, for the shell there
 */
function sshArguments({ address }: Destination, command: string): string[] {
  const settings = [
    ...["BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=15", "LogLevel=ERROR"],
    ...["ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "ControlMaster=no"],
    ...["Tunnel=no", "RequestTTY=no", "RemoteCommand=none", "PermitLocalCommand=no"],
  ];
  // -k: no Kerberos ticket. As a setting, an ssh that was built without Kerberos names it as an error.
  return ["-k", ...settings.flatMap((setting) => ["-o", setting]), "--", address, command];
}

/**
 * A shell without a login often has neither the folder of root's link nor a user's on its PATH: the installed copy is found by
 * its folder. The words stay the same in every shell that a user can have.
 */
export function remoteCommand({ command, args }: Pick<AskOptions, "command" | "args">): string {
  const words = [command, "--json", ...args];
  const odd = words.find((word) => !/^[\w.,=-]+$/.test(word));
  if (odd !== undefined) throw new Error(`${odd} is no word that every shell takes unchanged`);
  const copy = "current/scripts/openclaw-openrouter.mjs";
  const script = [
    "p=openclaw-openrouter",
    `for d in "$HOME/.local/share/$p" "/opt/$p"; do command -v "$p" >/dev/null || { test -x "$d/${copy}" && p="$d/${copy}"; }; done`,
    `exec "$p" ${words.join(" ")}`,
  ].join("; ");
  return `exec sh -c '${script}'`;
}

/** @throws UserError if there is none, or another user could exchange it */
function sshClient(): string {
  const ssh = trustedProgram("ssh");
  if (ssh) return ssh;
  throw new UserError({
    problem: "There is no OpenSSH client here.",
    got: "no `ssh` on the PATH",
    fix: "apt-get install openssh-client",
  });
}
