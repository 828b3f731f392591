import { z } from "zod";
import { homePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

/** The user (uid) of the listener at a plain HTTP address, when a person confirmed it or the engine named it. */
const schema = z.object({ address: z.string(), uid: z.int().min(0), seen: z.iso.datetime() });
const file = defineRecord("listener", schema);

/** @returns undefined if none is recorded, or only one for another address */
export function readListener(home: string, address?: string): z.output<typeof schema> | undefined {
  const record = file.read(homePaths(home));
  return address === undefined || record?.address === address ? record : undefined;
}

/** Removes the record: Vault now serves TLS, or is another Vault. */
export function removeListener(home: string): void {
  file.remove(homePaths(home));
}

export function writeListener(home: string, address: string, uid: number): void {
  if (readListener(home, address)?.uid === uid) return;
  file.write(homePaths(home), { address, uid, seen: new Date().toISOString() });
}
