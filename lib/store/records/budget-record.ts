import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

export const budgetRecord = z.object({
  /** The fingerprint of the limited key. */
  fingerprint: z.string(),
  limitUsd: z.number(),
  limitReset: z.string(),
  at: z.iso.datetime(),
});

/** The limit of a key at OpenRouter. */
type BudgetRecord = z.output<typeof budgetRecord>;
const file = defineRecord("budget", budgetRecord);

/** The recorded limit of the key with this fingerprint; undefined if there is none, or if it is another key's. */
export function readBudget(home: HomePaths, fingerprint: string | undefined): BudgetRecord | undefined {
  const record = file.read(home);
  return record?.fingerprint === fingerprint ? record : undefined;
}

export const writeBudget = file.write;
