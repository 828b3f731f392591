import { rmSync } from "node:fs";
import { memberNamed } from "../../backup/members";
import type { ProvedBackup } from "../../backup/prove-backup";
import { parseJson, writeJson, writePrivateFile } from "../../core/files/files";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { keepOlder } from "../../store/older-shares";
import { deployedRecord } from "../../store/records/deployed-record";
import { keyRecord, readKeyRecord, writeKeyRecord } from "../../store/records/key-record";
import { rememberShares } from "../../store/records/shares-fingerprints";
import { sharesRecord } from "../../store/records/shares-record";
import { readShares } from "../../vault/shares/shares-file";

/**
 * Restores the files of an instance directory that belong to a backup's data: the key's record, the state of the second stack,
 * and the shares. Retired keys stay retired. All other files stay current.
 */
export function changeHome({ home, settings }: Deployment, backup: ProvedBackup): void {
  const { files } = backup.contents;
  const text = files.get("key.json");
  if (text !== undefined) {
    const record = parseJson(text, keyRecord, "the backup's key.json");
    const retired = [...new Set([...readKeyRecord(home).retired, ...record.retired])];
    writeKeyRecord(home, { ...record, retired });
  }
  if (settings.terraform.backend.type === "local") {
    for (const name of ["openrouter.tfstate", "openrouter.deployed.tfstate"]) {
      const state = files.get(name);
      if (state !== undefined) writePrivateFile(memberNamed(name)!.path(home), state);
    }
  }
  changeShares(home, backup);
}

/**
 * Keeps shares of another generation, or of another Vault, in a separate file: newer backups need them. If people hold the
 * shares, it stores none on the host.
 */
function changeShares(
  home: HomePaths,
  { contents, clusterId, shares: wanted, areItsOwn }: ProvedBackup,
): void {
  const { generation = 1 } = contents.manifest.vault;
  if (!isOfPresentShares(home, clusterId, generation)) {
    const record = contents.files.get("shares-record.json");
    if (record !== undefined) writePrivateFile(home.sharesRecord, record);
    else rmSync(home.sharesRecord, { force: true });
  }
  const present = readShares(home.shares);
  if (!present && !areItsOwn) {
    forgetSharesHere(home);
    return;
  }
  if (present && wanted.shares.every((share) => present.shares.includes(share))) return;
  if (present) keepOlder(home, present);
  const { shares, threshold } = wanted;
  writeJson(home.shares, { created: new Date().toISOString(), shares, threshold, generation });
  // The proof of the backup has shown that they open its data.
  rememberShares(home, { shares, threshold, generation });
}

/** The backup's host may have had them; here people gave them, and none is stored. */
function forgetSharesHere(home: HomePaths): void {
  const record = deployedRecord.read(home);
  if (!record?.sharesHere) return;
  const { sharesHere: _, ...rest } = record;
  deployedRecord.write(home, rest);
}

/** Whether the current record of the shares is for the backup's Vault and generation: then it stays. */
function isOfPresentShares(home: HomePaths, clusterId: string, generation: number): boolean {
  return (
    deployedRecord.read(home)?.clusterId === clusterId && sharesRecord.read(home)?.generation === generation
  );
}
