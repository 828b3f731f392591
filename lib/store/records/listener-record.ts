import { rmSync } from "node:fs";
import { z } from "zod";
import { readJsonIfThere, writeJson } from "../../core/files/files";
import { homePaths } from "../../model/home-paths";

/** The user (uid) of the listener at a plain HTTP address, when a person confirmed it or the engine named it. */
const listenerRecord = z.object({
  address: z.string(),
  uid: z.int().min(0),
  seen: z.iso.datetime(),
});
export type ListenerRecord = z.output<typeof listenerRecord>;

/** @returns undefined if none is recorded, or only one for another address */
export function readListener(home: string, address?: string): ListenerRecord | undefined {
  const record = readJsonIfThere(homePaths(home).listener, listenerRecord);
  return address === undefined || record?.address === address ? record : undefined;
}

/** Removes the record: Vault now serves TLS, or is another Vault. */
export function removeListener(home: string): void {
  rmSync(homePaths(home).listener, { force: true });
}

export function writeListener(home: string, address: string, uid: number): void {
  if (readListener(home, address)?.uid === uid) return;
  const record: ListenerRecord = { address, uid, seen: new Date().toISOString() };
  writeJson(homePaths(home).listener, record);
}
