import { z } from "zod";
import { readJsonIfThere, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";

export const budgetRecord = z.object({
  /** Of the key whose limit it is. */
  fingerprint: z.string(),
  limitUsd: z.number(),
  limitReset: z.string(),
  at: z.iso.datetime(),
});

/** The limit that was set for a key at OpenRouter. */
export type BudgetRecord = z.output<typeof budgetRecord>;

/** The limit that was set for the key with this fingerprint; undefined where none was, or for another key. */
export function readBudget(home: HomePaths, fingerprint: string | undefined): BudgetRecord | undefined {
  const record = readJsonIfThere(home.budget, budgetRecord);
  return record?.fingerprint === fingerprint ? record : undefined;
}

export function writeBudget(home: HomePaths, record: BudgetRecord): void {
  writeJson(home.budget, record);
}
