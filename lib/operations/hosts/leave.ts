import { rmSync } from "node:fs";
import type { Deployment } from "../../model/deployment";
import type { Uninstallation } from "../../openclaw/uninstall";
import { deployedRecord } from "../../store/records/deployed-record";
import { joinedRecord } from "../../store/records/joined-record";
import { removeFromHost } from "../deploy/destroy";

/**
 * Removes what joining placed on this host: OpenClaw's files, schedules, and the credential. In Vault, only an eviction takes the
 * host's access away.
 * @param purge whether the instance directory goes too
 */
export async function leaveVault(deployment: Deployment, purge: boolean): Promise<Uninstallation> {
  const { home } = deployment;
  const files = await removeFromHost(deployment);
  rmSync(home.credentials("reader"), { recursive: true, force: true });
  deployedRecord.remove(home);
  joinedRecord.remove(home);
  if (purge) rmSync(home.root, { recursive: true, force: true });
  return files;
}
