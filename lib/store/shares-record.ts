import { existsSync } from "node:fs";
import { z } from "zod";
import type { HomePaths } from "../model/home-paths";
import { defineRecord } from "./record";

const schema = z.object({
  /** Counts up with each rekey. */
  generation: z.int().min(1),
  shares: z.int().min(1),
  threshold: z.int().min(1),
  created: z.iso.datetime(),
  /** Who has them, as far as somebody said. */
  holders: z.array(z.string()),
  /** When they were distributed. */
  exported: z.iso.datetime().exactOptional(),
  /** When they were taken off this host. */
  movedOff: z.iso.datetime().exactOptional(),
});

/** Which shares are active and where they went. No share is in it. */
export type SharesRecord = z.output<typeof schema>;
export const sharesRecord = defineRecord("sharesRecord", schema);

/** The record of shares that were taken off this host for good; undefined where they lie here, or nobody took them off. */
export function readMovedOff(home: HomePaths): SharesRecord | undefined {
  if (existsSync(home.shares)) return undefined;
  const record = sharesRecord.read(home);
  return record?.movedOff ? record : undefined;
}

/** Whether the shares of an instance that was deployed are not on this host. */
export function areSharesElsewhere(home: HomePaths): boolean {
  return !existsSync(home.shares) && existsSync(home.deployed);
}

/** Who has to be asked for the shares: completes "expected: …". */
export function whoHasShares(home: HomePaths): string {
  const record = readMovedOff(home);
  if (!record) return "the shares that its initialisation gave out";
  const { threshold, shares, holders, movedOff = "" } = record;
  const from = holders.length > 0 ? ` from ${[...new Set(holders)].join(", ")}` : "";
  return `${threshold} of the ${shares} shares that were taken off this host on ${movedOff.slice(0, 10)}:${from || " nobody said who has them"}`;
}
