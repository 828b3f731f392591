import { z } from "zod";
import { UserError } from "../core/errors";
import { readTextIfThere } from "../core/files/files";
import { quote } from "../core/text";
import { limitReset, usage } from "./usage";

const key = z.object({
  /** SHA-256 of the key, which identifies it. The key itself is not stored. */
  hash: z.string(),
  label: z.string(),
  name: z.string(),
  management: z.boolean(),
  disabled: z.boolean(),
  /** USD; null: unlimited. */
  limit: z.number().nullable(),
  limitReset,
  includeByokInLimit: z.boolean(),
  expiresAt: z.iso.datetime({ offset: true }).nullable(),
  createdAt: z.string(),
  updatedAt: z.string().nullable(),
  usage,
  /** What providers charged to keys of the account's own (BYOK). */
  byokUsage: usage,
  workspaceId: z.string(),
});

const workspace = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  createdAt: z.iso.datetime(),
  /** USD a month, for all of its keys; null: unlimited. */
  monthlyBudget: z.number().nullable(),
  /** The ids of the models that its guardrail permits; null: all. */
  allowedModels: z.array(z.string()).nullable(),
});

export const sandboxState = z.object({
  version: z.literal(1),
  /** USD, over all keys. */
  account: z.object({
    totalCredits: z.number(),
    totalUsage: z.number(),
    /** The authors of models for which the account has keys of its own (BYOK). */
    byokAuthors: z.array(z.string()),
    /** The id of the model behind each preset, by the preset's name. */
    presets: z.record(z.string(), z.string()),
  }),
  /** The first one is the default. */
  workspaces: z.array(workspace).min(1),
  keys: z.array(key),
  /** The number of answers so far; part of their ids. */
  answers: z.int(),
});

/** A key as the sandbox stores it. */
export type KeyRecord = z.output<typeof key>;
/** A workspace as the sandbox stores it. */
export type WorkspaceRecord = z.output<typeof workspace>;
/** The sandbox's stored state. */
export type SandboxState = z.output<typeof sandboxState>;

function workspaceOf(id: string, name: string, slug: string): WorkspaceRecord {
  const createdAt = "2026-11-01T00:00:00.000Z";
  return { id, name, slug, createdAt, monthlyBudget: null, allowedModels: null };
}

const initialState: SandboxState = {
  version: 1,
  account: { totalCredits: 100, totalUsage: 0, byokAuthors: [], presets: {} },
  workspaces: [
    workspaceOf("0df9e665-d932-5740-b2c7-b52af166bc11", "Default Workspace", "default"),
    workspaceOf("7d1c2c5e-9a0b-4f6e-8d35-1f2e3d4c5b6a", "Team", "team"),
  ],
  keys: [],
  answers: 0,
};

/**
 * Reads the state, or creates a new one if there is no file.
 * @throws {UserError} if the file cannot be used
 */
export function loadState(file: string | undefined): SandboxState {
  const text = file === undefined ? undefined : readTextIfThere(file);
  if (file === undefined || text === undefined) return structuredClone(initialState);
  try {
    return sandboxState.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(
      {
        problem: `The sandbox's state in ${file} cannot be read.`,
        expected: "a file that the sandbox wrote",
        fix: `Delete it to start with a new one: rm ${quote(file)}`,
      },
      { cause },
    );
  }
}
