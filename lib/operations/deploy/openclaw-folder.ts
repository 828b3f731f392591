import { basename, dirname, join } from "node:path";
import { sandboxInstance } from "../../config/sandbox";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { plainLine } from "../../core/plain-text";
import { quote } from "../../core/text";
import type { Deployment } from "../../model/deployment";
import { openclawNames, openclawPaths } from "../../model/openclaw/openclaw-paths";
import { existsAsUser, realPathAsUser } from "../../openclaw/folder/as-user";
import { accountInItsHome, gatewayInstances } from "../../openclaw/gateway/instances";
import { type GatewayLocation, gatewayLocation } from "../../openclaw/gateway/location";

/**
 * Stops a deploy into a folder that no gateway would read: OpenClaw's variables of this process, or the user's gateways, name
 * another one, and the settings name none.
 * @throws UserError (wrong usage) that names the setting
 */
export function requireReadFolder(
  { instance, settings, openclawFolder }: Deployment,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (instance === sandboxInstance || settings.openclaw.folder !== undefined) return;
  const account = accountInItsHome(settings.openclaw.user);
  const real = (path: string) => realPathAsUser(path, account) ?? path;
  const own = openclawPaths(openclawFolder).gateway;
  const isOwn = ({ config }: GatewayLocation) => real(config) === real(own);
  if (account.uid === process.geteuid?.()) {
    const location = gatewayLocation({ env: environment, home: account.home });
    if (location.by && !isOwn(location)) throw elsewhere(location, `${location.by} of this shell`, own);
  }
  const instances = gatewayInstances(account);
  if (instances.length === 0 || instances.some(({ location }) => isOwn(location))) return;
  // A gateway of this folder that does not run now has its file; those that another instance manages have their own.
  if (existsAsUser(own, account)) return;
  const other = instances.find(
    ({ location }) => !existsAsUser(openclawPaths(dirname(location.config)).own, account),
  );
  if (other) throw elsewhere(other.location, other.name, own);
}

/** The path is the user's choice, and a person copies the fix: it stays one word on one line. */
function elsewhere(location: GatewayLocation, says: string, own: string): UserError {
  const config = plainLine(location.config);
  const folder = dirname(config);
  const rename =
    basename(config) === openclawNames.gateway
      ? ""
      : `\nAnd name the file ${openclawNames.gateway}, in OPENCLAW_CONFIG_PATH too: mv ${quote(config)} ${quote(join(folder, openclawNames.gateway))}`;
  return new UserError({
    problem: "OpenClaw's configuration is elsewhere: no gateway would read what is deployed.",
    got: `${config}, by ${says}`,
    expected: own,
    fix: `Set \`openclaw.folder\` in the settings: "openclaw": { "folder": ${JSON.stringify(folder)} }${rename}`,
    exitCode: ExitCode.WrongUsage,
  });
}
