import { z } from "zod";
import { UserError } from "../core/errors";
import { readTextIfThere, writeJson } from "../core/files/files";

const usage = z.object({
  total: z.number(),
  daily: z.number(),
  weekly: z.number(),
  monthly: z.number(),
  at: z.iso.datetime(),
});

const key = z.object({
  /** SHA-256 of the key, by which it is found and managed. The key itself is kept nowhere. */
  hash: z.string(),
  label: z.string(),
  name: z.string(),
  management: z.boolean(),
  disabled: z.boolean(),
  /** USD; null: unlimited. */
  limit: z.number().nullable(),
  limitReset: z.enum(["daily", "weekly", "monthly"]).nullable(),
  includeByokInLimit: z.boolean(),
  expiresAt: z.iso.datetime({ offset: true }).nullable(),
  createdAt: z.string(),
  updatedAt: z.string().nullable(),
  usage,
});

export const sandboxState = z.object({
  version: z.literal(1),
  /** USD, over all keys. */
  account: z.object({ totalCredits: z.number(), totalUsage: z.number() }),
  keys: z.array(key),
  /** How many answers were given; part of their ids. */
  answers: z.int(),
});

/** A key as the sandbox keeps it. */
export type KeyRecord = z.output<typeof key>;
/** What the sandbox remembers. */
export type SandboxState = z.output<typeof sandboxState>;

const initialState: SandboxState = {
  version: 1,
  account: { totalCredits: 100, totalUsage: 0 },
  keys: [],
  answers: 0,
};

/**
 * Reads the state, or begins a new one where there is no file.
 * @throws {UserError} where the file cannot be used
 */
export function loadState(file: string | undefined): SandboxState {
  const text = file === undefined ? undefined : readTextIfThere(file);
  if (text === undefined) return structuredClone(initialState);
  try {
    return sandboxState.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(
      {
        problem: `The sandbox's state in ${file} cannot be read.`,
        expected: "the file as the sandbox wrote it",
        fix: `Delete it to begin with a new one: rm ${file}`,
      },
      { cause },
    );
  }
}

/** Writes the state, readable by its owner alone; a reader sees the old one or the new one, never half of it. */
export function saveState(file: string, value: SandboxState): void {
  writeJson(file, value);
}
