import { join } from "node:path";
import { quote } from "../../core/text";
import type { VaultPlace } from "../../model/deployment";

/** The commands that a host can run on a schedule, under the names in its scripts: these names never change. */
export const scheduledNames = ["check", "drift", "backup", "unseal"] as const;
export type ScheduledName = (typeof scheduledNames)[number];

/** How a script starts the program. */
export interface ProgramStart {
  readonly node: string;
  /** The program's first file. */
  readonly program: string;
  /** The Vault that a command unseals each minute: the script starts the program only if that is not open. */
  readonly vault?: Pick<VaultPlace, "address" | "caFile">;
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
 * The environment variables that a script keeps from its installation: folders, the engine, the proxy, the CA certificates that are
 * trusted, and what leads to Terraform and its providers. cron's and systemd's own PATH is short, and a system service has no HOME.
 * NODE_OPTIONS can hold only what the launcher permits.
 */
const environmentKept =
  /^(OPENCLAW_OPENROUTER_(HOME|CACHE|INSTALL|PUBLIC)|HOME|PATH|TMPDIR|XDG_(CACHE|CONFIG)_HOME|DOCKER_(HOST|CONTEXT|CONFIG)|TERRAFORM_BINARY_NAME|TF_CLI_CONFIG_FILE|NODE_(EXTRA_CA_CERTS|USE_SYSTEM_CA|OPTIONS)|SSL_CERT_(FILE|DIR)|(https?|no)_proxy)$/i;

/** The path of the script that runs a command for the instance. @param home the instance directory */
export function scriptOf(home: string, command: ScheduledName): string {
  return join(home, `scheduled-${command}.sh`);
}

/**
 * Renders one script for both schedulers, which keeps arguments and environment out of files that others can read. It prints
 * nothing if the command succeeds: cron mails every output.
 */
export function renderScript(options: ScriptOptions): string {
  const { command, instance, arguments: args, environment, isAtBoot, vault } = options;
  const exports = Object.entries(environment).flatMap(([name, value]) =>
    environmentKept.test(name) && value ? [`export ${name}=${quote(value)}\n`] : [],
  );
  const line = ["scheduled", command, "--instance", instance, ...args].map(quote).join(" ");
  return `#!/bin/sh
# Run by systemd or cron. The program's \`up\` writes the next lines again.
${renderStart(options)}${exports.join("")}cd ${quote(options.folder ?? process.cwd())} 2>/dev/null || cd /
${anotherNode}${vault ? unlessOpen : ""}${(isAtBoot ? untilItSucceeds : once)(`"$node" "$program" ${line}`)}`;
}

const start = /^node=(.*)\nprogram=(.*)\n(vault=.*\nca=.*\n)?/m;

function renderStart({ node, program, vault }: ProgramStart): string {
  const place = vault ? `vault=${quote(vault.address)}\nca=${quote(vault.caFile ?? "")}\n` : "";
  return `node=${quote(node)}\nprogram=${quote(program)}\n${place}`;
}

/** The program that a script starts; undefined for a text that {@link renderScript} did not write. */
export function startOf(script: string): Pick<ProgramStart, "node" | "program"> | undefined {
  const [, node, program] = start.exec(script) ?? [];
  return node && program ? { node: unquote(node), program: unquote(program) } : undefined;
}

/** The script, changed to start another program; one that asks Vault first asks the given one. */
export function withStart(script: string, { vault, ...program }: ProgramStart): string {
  return script.replace(start, (_, __, ___, asks?: string) =>
    renderStart({ ...program, ...(asks && vault ? { vault } : {}) }),
  );
}

/** A Node that an upgrade removed is replaced by the one on the PATH, until `up` records another. */
const anotherNode = `[ -x "$node" ] || node=$(command -v node || printf '%s' "$node")\n`;

/**
 * Asks Vault without the program, since this runs each minute: curl or OpenSSL takes 0.01 s of processor time, Node alone 0.1 s.
 */
const unlessOpen = `if command -v curl >/dev/null; then
  curl -qsf -m 5 -o /dev/null --noproxy '*' \${ca:+--cacert "$ca"} "$vault/v1/sys/health" && exit 0
elif [ "\${vault#https://127.0.0.1:}" != "$vault" ] && command -v openssl >/dev/null && command -v timeout >/dev/null; then
  printf 'GET /v1/sys/health HTTP/1.0\\r\\n\\r\\n' | timeout 5 openssl s_client -quiet -verify_return_error \\
    -verify_ip 127.0.0.1 -CAfile "$ca" -connect "\${vault#https://}" 2>/dev/null |
    { read -r _ code _ && [ "$code" = 200 ]; } && exit 0
else
  "$node" -e '
    const [vault, ca] = process.argv.slice(1);
    setTimeout(() => process.exit(1), 5000);
    const options = ca ? { ca: require("fs").readFileSync(ca) } : {};
    require(ca ? "https" : "http").get(vault + "/v1/sys/health", options, (answer) =>
      process.exit(answer.statusCode === 200 ? 0 : 1));
  ' "$vault" "$ca" 2>/dev/null && exit 0
fi
`;

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
