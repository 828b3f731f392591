import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { readJsonIfThere, removeFile, writeJson, writePrivateFile } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";
import { type HostsRecord, hostsRecord, readHosts } from "../../store/records/hosts-record";
import { keyRecord, readKeyRecord, writeKeyRecord } from "../../store/records/key-record";
import { forgetRestoredHosts } from "./restored-hosts";

/** The files of an instance directory that belong to Vault's data. */
function filesOfData(home: HomePaths): string[] {
  return [
    home.deployed,
    home.shares,
    home.sharesRecord,
    home.sharesFingerprints,
    // An interrupted rekey: the new shares can be the active ones.
    home.nextShares,
    home.rekey,
    home.state("openrouter"),
    home.deployedState("openrouter"),
  ];
}

/** The folder of their copies. */
function keptFiles(home: HomePaths): string {
  return join(home.root, "before");
}

/** The record of hosts as it was. It does not come back whole: evictions since then, and new hosts, stay. */
function keptHosts(home: HomePaths): string {
  return join(keptFiles(home), basename(home.hosts));
}

export function readKeptHosts(home: HomePaths): HostsRecord | undefined {
  return readJsonIfThere(keptHosts(home), hostsRecord.schema);
}

/** The key's record as it was. What was rotated away since stays so when it comes back. */
function keptKey(home: HomePaths): string {
  return join(keptFiles(home), basename(home.key));
}

/** Whether the key of the previous data was rotated away since. */
export function isKeyRetiredSince(home: HomePaths): boolean {
  const { fingerprint } = readJsonIfThere(keptKey(home), keyRecord) ?? {};
  return fingerprint !== undefined && readKeyRecord(home).retired.includes(fingerprint);
}

/** Copies them aside, and waits until they are on the disk: the files themselves change next. */
export function keepHomeFiles(home: HomePaths): void {
  const folder = keptFiles(home);
  forgetHomeFiles(home);
  mkdirSync(folder, { mode: 0o700 });
  for (const path of [home.key, ...filesOfData(home)]) {
    if (existsSync(path)) writePrivateFile(join(folder, basename(path)), readFileSync(path));
  }
  writeJson(keptHosts(home), readHosts(home));
}

/**
 * Restores them from the copies, each in one piece and on the disk: the copies are removed next.
 * @param since when the copies were made
 */
export function restoreHomeFiles(home: HomePaths, since: string): void {
  for (const path of filesOfData(home)) {
    const kept = join(keptFiles(home), basename(path));
    if (existsSync(kept)) writePrivateFile(path, readFileSync(kept));
    else removeFile(path);
  }
  const key = readJsonIfThere(keptKey(home), keyRecord);
  if (key)
    writeKeyRecord(home, { ...key, retired: [...new Set([...key.retired, ...readKeyRecord(home).retired])] });
  else removeFile(home.key);
  const before = readKeptHosts(home);
  if (before) forgetRestoredHosts(home, before, since);
}

/**
 * Whether a host was evicted since the copies were made, so that the previous data still let it in. What the copy does not know is
 * newer, whatever the clock said; the evictions of a restore itself are recorded just before it.
 * @param since when the restore began
 */
export function isEvictedSince(home: HomePaths, since: string): boolean {
  const before = readKeptHosts(home)?.evicted;
  const isKnown = ({ roleId }: { readonly roleId: string }) =>
    before?.some((each) => each.roleId === roleId) ?? true;
  return readHosts(home).evicted.some((each) => each.at >= since || !isKnown(each));
}

/** Removes the copies. */
export function forgetHomeFiles(home: HomePaths): void {
  rmSync(keptFiles(home), { recursive: true, force: true });
}
