import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readDeployedRecord } from "../instance/deployed-record";
import { parseJson, writeJson, writePrivateFile } from "../instance/files";
import { keyRecord, readKeyRecord, writeKeyRecord } from "../instance/key-record";
import { readSharesRecord } from "../instance/shares-record";
import type { Deployment } from "../model/deployment";
import { type HomePaths, homePaths } from "../model/home-paths";
import { type KeyShares, parseShares, readShares, type Shares, storeShares } from "../vault/shares-file";
import type { Archive } from "./archive";
import { pathInHome } from "./home-members";

/**
 * Brings an instance home to what fits a backup's data: the key's record and the state of the stack that lies in Vault. What
 * was retired stays so. Everything else of the home is of today.
 */
export function changeHome({ home, settings }: Deployment, archive: Archive, shares: KeyShares): void {
  const text = memberText(archive, (paths) => paths.key);
  if (text !== undefined) {
    const record = parseJson(text, keyRecord, "the backup's key.json");
    const retired = [...new Set([...readKeyRecord(home).retired, ...record.retired])];
    writeKeyRecord(home, { ...record, retired });
  }
  if (settings.terraform.backend.type === "local") {
    for (const name of ["state", "deployedState"] as const) {
      const state = memberText(archive, (paths) => paths[name]("openrouter"));
      if (state !== undefined) writePrivateFile(home[name]("openrouter"), state);
    }
  }
  changeShares(home, archive, shares);
}

/** Fills a home that holds nothing yet with all that the backup has of one. What is there already stays. */
export function fillHome({ home }: Deployment, { members }: Archive): void {
  for (const { name, content } of members) {
    const path = pathInHome(home, name);
    if (path && path !== home.instance && !existsSync(path)) writePrivateFile(path, content);
  }
}

/** The text of a backup's member that lies somewhere in an instance home; undefined where it has none. */
export function memberText({ members }: Archive, path: (paths: HomePaths) => string): string | undefined {
  const paths = homePaths("/");
  return members.find(({ name }) => pathInHome(paths, name) === path(paths))?.content.toString("utf8");
}

/**
 * Shares of another generation, or of another Vault, are kept beside: the backups since need them. Where people have the
 * shares, none are put on the host.
 */
function changeShares(home: HomePaths, archive: Archive, given: KeyShares): void {
  if (!isOfPresentShares(home, archive)) {
    const record = memberText(archive, (paths) => paths.sharesRecord);
    if (record !== undefined) writePrivateFile(home.sharesRecord, record);
    else rmSync(home.sharesRecord, { force: true });
  }
  const carried = memberText(archive, (paths) => paths.shares);
  const wanted: KeyShares = carried === undefined ? given : parseShares(carried, "the backup");
  const present = readShares(home.shares);
  if (!present && carried === undefined) return;
  if (present && wanted.shares.every((share) => present.shares.includes(share))) return;
  if (present) keepBeside(home, present);
  writeJson(home.shares, {
    created: new Date().toISOString(),
    ...wanted,
    generation: archive.manifest.vault.generation ?? 1,
  });
}

/** Whether the record of who has the shares is of those that open the backup: then today's says where they are. */
function isOfPresentShares(home: HomePaths, { manifest }: Archive): boolean {
  const { clusterId, generation } = manifest.vault;
  return (
    readDeployedRecord(home)?.clusterId === clusterId && readSharesRecord(home)?.generation === generation
  );
}

function keepBeside(home: HomePaths, shares: Shares): void {
  const name = String(shares.generation);
  const kept = readShares(join(home.sharesForBackups, `${name}.json`));
  if (kept?.shares.join() === shares.shares.join()) return;
  // Of another Vault, where there is one of that generation already.
  storeShares(join(home.sharesForBackups, `${name}${kept ? `-${Date.now()}` : ""}.json`), shares);
}
