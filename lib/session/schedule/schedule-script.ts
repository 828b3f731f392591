import { join } from "node:path";
import { quote } from "../../core/text";

/** The commands that a host can run on a schedule, under the names in its scripts: these names never change. */
export const scheduledNames = ["check", "drift", "backup", "unseal"] as const;
export type ScheduledName = (typeof scheduledNames)[number];

/** How a script starts the program. */
export interface ProgramStart {
  /** Node. */
  readonly node: string;
  /** The program's first file. */
  readonly program: string;
}

export interface ScriptOptions extends ProgramStart {
  readonly command: ScheduledName;
  readonly instance: string;
  /** Its arguments after the command. */
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Where it runs: settings are looked for there, and a version manager chooses by it. @default the current folder */
  readonly folder?: string;
  /** Whether it runs at boot. Then the script retries it: the engine can start later. */
  readonly isAtBoot: boolean;
}

/**
 * The environment variables that a script keeps from its installation: folders, the engine, the proxy, and what leads to
 * Terraform. cron's and systemd's own PATH is short, and a system service has no HOME.
 */
const environmentKept =
  /^(OPENCLAW_OPENROUTER_(HOME|CACHE|INSTALL|PUBLIC)|HOME|PATH|TMPDIR|XDG_(CACHE|CONFIG)_HOME|DOCKER_(HOST|CONTEXT|CONFIG)|TERRAFORM_BINARY_NAME|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i;

/** If a version manager removed the Node of the installation, another one on the PATH does. */
const otherNode = `[ -x "$node" ] || node=$(command -v node) || node=node\n`;

/** The path of the script that runs a command for the instance. @param home the instance directory */
export function scriptOf(home: string, command: ScheduledName): string {
  return join(home, `scheduled-${command}.sh`);
}

/**
 * Renders one script for both schedulers, which keeps arguments and environment out of files that others can read. It prints
 * nothing if the command succeeds: cron mails every output.
 */
export function renderScript(options: ScriptOptions): string {
  const { command, instance, arguments: args, environment, isAtBoot } = options;
  const exports = Object.entries(environment).flatMap(([name, value]) =>
    environmentKept.test(name) && value ? [`export ${name}=${quote(value)}\n`] : [],
  );
  const line = ["scheduled", command, "--instance", instance, ...args].map(quote).join(" ");
  return `#!/bin/sh
# Run by systemd or cron. The program's \`up\` writes the next two lines again.
${renderStart(options)}${exports.join("")}cd ${quote(options.folder ?? process.cwd())} 2>/dev/null || cd /
${otherNode}${(isAtBoot ? untilItSucceeds : once)(`"$node" "$program" ${line}`)}`;
}

const start = /^node=(.*)\nprogram=(.*)\n/m;

function renderStart({ node, program }: ProgramStart): string {
  return `node=${quote(node)}\nprogram=${quote(program)}\n`;
}

/** The program that a script starts; undefined for a text that {@link renderScript} did not write. */
export function startOf(script: string): ProgramStart | undefined {
  const [, node, program] = start.exec(script) ?? [];
  return node && program ? { node: unquote(node), program: unquote(program) } : undefined;
}

/** The script, changed to start another program. */
export function withStart(script: string, program: ProgramStart): string {
  return script.replace(start, () => renderStart(program));
}

function once(command: string): string {
  return `said=$(${command} 2>&1) && exit 0
code=$?
printf '%s\\n' "$said" >&2
exit $code
`;
}

function untilItSucceeds(command: string): string {
  return `left=10
until said=$(${command} 2>&1); do
  code=$?
  left=$((left - 1))
  if [ $left -eq 0 ]; then
    printf '%s\\n' "$said" >&2
    exit $code
  fi
  sleep 6
done
`;
}

function unquote(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("'\\''", "'") : text;
}
