import { makeBackup } from "../../backup/make-backup";
import { defined } from "../../core/defined";
import { ifError, UserError } from "../../core/errors";
import type { CheckReport } from "../../report/check-report";
import type { DeployContext } from "../../session/context";
import { openVault } from "../../session/open-vault";
import { readStoredKey } from "../../session/read-stored-key";
import { type ReplacingRecord, replacingRecord } from "../../store/records/replacing-record";
import { VaultClient } from "../../vault/client";
import { deployAgain } from "../deploy/deploy";
import { isKeyRetiredSince, readKeptHosts } from "./kept-files";
import { undoReplacing } from "./replace-data";
import { insteadOfRetired } from "./restore";
import { describeHostsSince } from "./restored-hosts";

/**
 * Brings the data from before a replacement back. If the key was rotated since, the current one is stored in them: OpenRouter may
 * refuse the previous one, and nothing else has the current one's text.
 * @returns the check, if a key was stored
 * @throws UserError as {@link undoReplacing}
 */
export async function undoRestore(
  context: DeployContext,
): Promise<{ undone: ReplacingRecord; check?: CheckReport }> {
  const { deployment, phase, say } = context;
  const { home } = deployment;
  const record = replacingRecord.read(home);
  const isRetired = record !== undefined && record.stage !== "copying" && isKeyRetiredSince(home);
  // Incomplete data are not opened. After an upgrade, `up` first has to be told the image of the previous data.
  const isOpened = isRetired && record.stage === "replaced" && !record.imageBefore;
  const current = isOpened ? await backUpCurrent(context) : undefined;
  const hosts = readKeptHosts(home);
  const undone = await phase("Previous data", (progress) => undoReplacing(context, progress));
  for (const line of describeHostsSince(home, undone.since, hosts)) say(line);
  const key = isRetired ? insteadOfRetired(context, "previous", current) : undefined;
  const deployed = key === undefined ? undefined : await deployAgain(context, key);
  return { undone, ...defined({ check: deployed?.check }) };
}

/** @returns the key in the current data, which a run that is interrupted finds in their backup; undefined if Vault cannot be opened */
async function backUpCurrent(context: DeployContext): Promise<string | undefined> {
  const { deployment, phase } = context;
  const opened = await phase("Vault", (progress) => openVault(context, progress)).catch(
    ifError(UserError, () => undefined),
  );
  if (!opened) return undefined;
  const stored = await readStoredKey(VaultClient.at(opened.place), deployment.home);
  await phase(
    "Backup of the current data",
    (progress) => makeBackup(context, { progress }),
    ({ record }) => record.file,
  );
  return stored?.key;
}
