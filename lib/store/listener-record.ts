import { rmSync } from "node:fs";
import { z } from "zod";
import { readJsonIfThere, writeJson } from "../core/files/files";
import { homePaths } from "../model/home-paths";

/** Whose listener it was, at an address of plain HTTP, when a person saw it or the engine named it. */
const listenerRecord = z.object({
  address: z.string(),
  uid: z.int().min(0),
  seen: z.iso.datetime(),
});
export type ListenerRecord = z.output<typeof listenerRecord>;

/** @returns undefined if none was recorded, or one for another address */
export function readListener(home: string, address?: string): ListenerRecord | undefined {
  const record = readJsonIfThere(homePaths(home).listener, listenerRecord);
  return address === undefined || record?.address === address ? record : undefined;
}

/** Vault serves TLS by now, or is another one. */
export function removeListener(home: string): void {
  rmSync(homePaths(home).listener, { force: true });
}

export function writeListener(home: string, address: string, uid: number): void {
  if (readListener(home, address)?.uid === uid) return;
  const record: ListenerRecord = { address, uid, seen: new Date().toISOString() };
  writeJson(homePaths(home).listener, record);
}
