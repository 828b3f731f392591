import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseJson, readTextIfThere, writeJson, writePrivateFile } from "../instance/files";
import { keyRecord, readKeyRecord, writeKeyRecord } from "../instance/key-record";
import type { Deployment } from "../model/deployment";
import { type HomePaths, homePaths } from "../model/home-paths";
import { type KeyShares, parseShares, readShares, storeShares } from "../vault/shares-file";
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

/** Shares of another generation, or of another Vault, are kept beside: the backups since need them. */
function changeShares(home: HomePaths, archive: Archive, given: KeyShares): void {
  const carried = memberText(archive, (paths) => paths.shares);
  const wanted = carried === undefined ? undefined : parseShares(carried, "the backup");
  const present = readShares(home.shares);
  const shares = wanted?.shares ?? given.shares;
  if (present && shares.every((share) => present.shares.includes(share))) return;
  if (present) {
    const beside = join(home.sharesForBackups, `${present.generation}.json`);
    if (readTextIfThere(beside) === undefined) storeShares(beside, present);
    else if (!readShares(beside)?.shares.includes(present.shares[0]!))
      storeShares(join(home.sharesForBackups, `${present.generation}-${Date.now()}.json`), present);
  }
  writeJson(home.shares, {
    created: new Date().toISOString(),
    ...wanted,
    ...given,
    shares,
    generation: archive.manifest.vault.generation ?? 1,
  });
}
