import { join } from "node:path";
import { quote } from "../../core/text";

/** The commands that a host can run by itself, under the names by which its scripts call them: these never change. */
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
  /** Whether it runs at boot, and so is tried again: the engine may not be there yet. */
  readonly isAtBoot: boolean;
}

/** What a run needs of the environment in which it was installed: where things are, and the way to OpenRouter. */
const environmentKept =
  /^(OPENCLAW_OPENROUTER_(HOME|CACHE|INSTALL|PUBLIC)|DOCKER_HOST|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i;

/** The path of the script that runs a command for the instance. @param home the instance directory */
export function scriptOf(home: string, command: ScheduledName): string {
  return join(home, `scheduled-${command}.sh`);
}

/**
 * One script for both schedulers: arguments and environment stay out of files that others can read. It says nothing if the
 * command succeeds, since cron mails whatever is said.
 */
export function renderScript(options: ScriptOptions): string {
  const { command, instance, arguments: args, environment, isAtBoot } = options;
  const exports = Object.entries(environment).flatMap(([name, value]) =>
    environmentKept.test(name) && value ? [`export ${name}=${quote(value)}\n`] : [],
  );
  const line = ["scheduled", command, "--instance", instance, ...args].map(quote).join(" ");
  return `#!/bin/sh
# Run by systemd or cron. The program's \`up\` writes the next two lines again.
${renderStart(options)}${exports.join("")}${(isAtBoot ? untilItSucceeds : once)(`"$node" "$program" ${line}`)}`;
}

const start = /^node=(.*)\nprogram=(.*)\n/m;

function renderStart({ node, program }: ProgramStart): string {
  return `node=${quote(node)}\nprogram=${quote(program)}\n`;
}

/** What a script starts; undefined for a text that {@link renderScript} did not write. */
export function startOf(script: string): ProgramStart | undefined {
  const [, node, program] = start.exec(script) ?? [];
  return node && program ? { node: unquote(node), program: unquote(program) } : undefined;
}

/** A script that starts another program. */
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
