import { existsSync } from "node:fs";
import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

const schema = z.object({
  /** The generation, raised by each rekey. */
  generation: z.int().min(1),
  shares: z.int().min(1),
  threshold: z.int().min(1),
  created: z.iso.datetime(),
  /** The people who have them, if known. */
  holders: z.array(z.string()),
  /** When the shares were distributed. */
  exported: z.iso.datetime().exactOptional(),
  /** When the shares were removed from this host. */
  movedOff: z.iso.datetime().exactOptional(),
});

/** The active shares and where they are. The record contains no share. */
export type SharesRecord = z.output<typeof schema>;
export const sharesRecord = defineRecord("sharesRecord", schema);

/** The record of shares that were removed from this host; undefined if they are here, or were not removed. */
export function readMovedOff(home: HomePaths): SharesRecord | undefined {
  if (existsSync(home.shares)) return undefined;
  const record = sharesRecord.read(home);
  return record?.movedOff ? record : undefined;
}

/** Whether a deployed instance has no shares on this host. */
export function areSharesElsewhere(home: HomePaths): boolean {
  return !existsSync(home.shares) && existsSync(home.deployed);
}

/** The people to ask for the shares: completes "expected: …". */
export function whoHasShares(home: HomePaths): string {
  const record = readMovedOff(home);
  if (!record) return "the shares from its initialization";
  const { threshold, shares, holders, movedOff = "" } = record;
  const from = holders.length > 0 ? ` from ${[...new Set(holders)].join(", ")}` : "";
  return `${threshold} of the ${shares} shares that were taken off this host on ${movedOff.slice(0, 10)}:${from || " nobody said who has them"}`;
}
