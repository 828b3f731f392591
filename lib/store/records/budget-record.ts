import { z } from "zod";
import { readJsonIfThere, writeJson } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";

export const budgetRecord = z.object({
  /** The fingerprint of the limited key. */
  fingerprint: z.string(),
  limitUsd: z.number(),
  limitReset: z.string(),
  at: z.iso.datetime(),
});

/** The limit of a key at OpenRouter. */
export type BudgetRecord = z.output<typeof budgetRecord>;

/** The recorded limit of the key with this fingerprint; undefined if there is none, or if it is another key's. */
export function readBudget(home: HomePaths, fingerprint: string | undefined): BudgetRecord | undefined {
  const record = readJsonIfThere(home.budget, budgetRecord);
  return record?.fingerprint === fingerprint ? record : undefined;
}

export function writeBudget(home: HomePaths, record: BudgetRecord): void {
  writeJson(home.budget, record);
}
