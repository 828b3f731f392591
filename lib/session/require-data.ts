import { existsSync } from "node:fs";
import { settingsSchema } from "../config/settings";
import { UserError } from "../core/errors";
import { readableMinute } from "../core/time";
import type { Deployment } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { readBackups } from "../store/backup-record";
import { deployedRecord } from "../store/deployed-record";
import { readKeyRecord } from "../store/key-record";
import { containerHost, type DeployContext } from "./context";
import { describeOnHost } from "./load-deployment";

/**
 * Checks that the volume with Vault's data exists: a deploy would create an empty one instead.
 * @throws UserError if it is missing; it names what is lost, and the backup that restores it
 */
export async function requireData(context: DeployContext): Promise<void> {
  const { deployment } = context;
  if (deployment.external || !wasDeployedAs(deployment)) return;
  const { engine } = containerHost(context);
  if (await engine.api.inspectVolume(deployment.dataVolume)) return;
  const { fingerprint } = readKeyRecord(deployment.home);
  throw new UserError({
    problem: `The volume ${deployment.dataVolume}, which held Vault's data, is gone. Nothing was changed.`,
    got: `no such volume on the engine at ${engine.socket}. With it is lost: every secret of this Vault, which is the OpenRouter key${fingerprint ? ` with fingerprint ${fingerprint}` : ""} and all else under secret/; its tokens, policies and audit settings`,
    expected: "the volume on which the last deploy left it",
    fix: wayBack(deployment.home, deployment.instance),
  });
}

/** Whether the last deploy used a volume of this name. Another name is a change of the settings. */
function wasDeployedAs({ instance, home, dataVolume }: Deployment): boolean {
  const record = deployedRecord.read(home);
  const { data } = settingsSchema.safeParse(record?.settings);
  if (!record?.clusterId || !data) return false;
  return describeOnHost(instance, data, home.root).dataVolume === dataVolume;
}

/** The fix for a Vault whose data are missing. */
export function wayBack(home: HomePaths, instance: string): string {
  const newest = readBackups(home)
    .filter(({ file }) => existsSync(file))
    .at(-1);
  const again = `openclaw-openrouter destroy --purge --instance ${instance}, then up with a key`;
  return newest
    ? `openclaw-openrouter restore --from ${newest.file} --instance ${instance}\nbrings back what was there on ${readableMinute(newest.created)}; what came later is lost. To start again instead:\n${again}`
    : `No backup of this instance is recorded with a file on this host: look for one on other hosts. To start again:\n${again}`;
}
