import type { HomePaths } from "../model/home-paths";
import { keyRecord, readKeyRecord } from "../store/records/key-record";
import type { Contents } from "./contents";

/** The fingerprints of the keys that were rotated away since a backup, as recorded on this host. */
export function retiredSince(home: HomePaths, { files }: Contents): string[] {
  const text = files.get("key.json");
  const then = text === undefined ? [] : keyRecord.parse(JSON.parse(text)).retired;
  return readKeyRecord(home).retired.filter((fingerprint) => !then.includes(fingerprint));
}
