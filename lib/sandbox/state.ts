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
  /** SHA-256 of the key, which identifies it. The key itself is not stored. */
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
  /** The number of answers so far; part of their ids. */
  answers: z.int(),
});

/** A key as the sandbox stores it. */
export type KeyRecord = z.output<typeof key>;
/** The sandbox's stored state. */
export type SandboxState = z.output<typeof sandboxState>;

const initialState: SandboxState = {
  version: 1,
  account: { totalCredits: 100, totalUsage: 0 },
  keys: [],
  answers: 0,
};

/**
 * Reads the state, or creates a new one if there is no file.
 * @throws {UserError} if the file cannot be used
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
        expected: "a file that the sandbox wrote",
        fix: `Delete it to start with a new one: rm ${file}`,
      },
      { cause },
    );
  }
}

/** Writes the state atomically, readable by its owner only. */
export function saveState(file: string, value: SandboxState): void {
  writeJson(file, value);
}
