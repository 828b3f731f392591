import type { HomePaths } from "../../model/home-paths";
import { OpenRouterFailure } from "../../openrouter/errors";
import type { KeyItem, ManagementClient } from "../../openrouter/management";
import {
  describeKey,
  type PendingCleanup,
  type Removal,
  readPendingCleanups,
  writePendingCleanups,
} from "../../store/pending-cleanups";

/** A key that is still to be deleted, as reported to a person. */
export interface LeftKey {
  /** How to find it at openrouter.ai. */
  readonly key: string;
  /** When it was disabled, ISO 8601. */
  readonly disabled?: string;
  /** The time from which a run with a management key deletes it, ISO 8601. @default at once */
  readonly due?: string;
  /** Why it is not deleted yet. */
  readonly why: string;
}

export interface CleanupsResult {
  /** What was done, one sentence each. */
  readonly done: readonly string[];
  readonly left: readonly LeftKey[];
}

/** The keys to be deleted, for a run without a management key. */
export function leftKeys(home: HomePaths): LeftKey[] {
  return readPendingCleanups(home).flatMap((cleanup) =>
    cleanup.kind === "remove" ? [left(cleanup, "a management key is needed")] : [],
  );
}

/**
 * Runs the pending key cleanups of rotations at OpenRouter. It disables a key first, and deletes it when its grace period is
 * over. It never touches the active key. It keeps a failed cleanup for the next run.
 * @param active SHA-256 and label of the stored key
 */
export async function runPendingCleanups(
  manager: ManagementClient,
  home: HomePaths,
  active: KeyIdentity,
): Promise<CleanupsResult> {
  const pendingCleanups = readPendingCleanups(home);
  if (pendingCleanups.length === 0) return { done: [], left: [] };
  const account = new Account(await manager.list(), active);
  const done: string[] = [];
  const leftOver: LeftKey[] = [];
  const open: PendingCleanup[] = [];
  for (const [index, cleanup] of pendingCleanups.entries()) {
    const outcome = await run(manager, account, cleanup);
    done.push(...(outcome.done ? [outcome.done] : []));
    leftOver.push(...(outcome.left ? [outcome.left] : []));
    open.push(...(outcome.open ? [outcome.open] : []));
    writePendingCleanups(home, [...open, ...pendingCleanups.slice(index + 1)]);
  }
  return { done, left: leftOver };
}

/** What identifies a key. */
export interface KeyIdentity {
  readonly sha256: string;
  readonly label?: string;
}

/** The keys of a management key's account, and the active one among them. */
class Account {
  readonly current: KeyItem | undefined;

  constructor(
    private readonly keys: readonly KeyItem[],
    active: KeyIdentity,
  ) {
    this.current = findKey(keys, active);
  }

  byHash(hash: string): KeyItem | undefined {
    return this.keys.find((item) => item.hash === hash);
  }

  /** The key to delete; never the active one. */
  find({ hash, name, ...identity }: Removal): KeyItem | undefined {
    const found = hash
      ? this.byHash(hash)
      : identity.sha256
        ? findKey(this.keys, { ...identity, sha256: identity.sha256 })
        : this.keys.find((item) => item.name === name);
    return found && found.hash === this.current?.hash ? undefined : found;
  }
}

/** The entry of a key, found by its SHA-256, else by its label if only one key has that label. */
export function findKey(keys: readonly KeyItem[], { sha256, label }: KeyIdentity): KeyItem | undefined {
  const named = keys.find(({ hash }) => hash === sha256);
  const labelled = keys.filter((item) => item.label === label);
  return named ?? (labelled.length === 1 ? labelled[0] : undefined);
}

interface Outcome {
  readonly done?: string;
  readonly left?: LeftKey;
  /** The cleanup to keep for the next run. @default none: it is done */
  readonly open?: PendingCleanup;
}

async function run(manager: ManagementClient, account: Account, cleanup: PendingCleanup): Promise<Outcome> {
  try {
    return cleanup.kind === "rename"
      ? await rename(manager, account, cleanup)
      : await remove(manager, account, cleanup);
  } catch (error) {
    if (!(error instanceof OpenRouterFailure)) throw error;
    return { open: cleanup, ...(cleanup.kind === "remove" ? { left: left(cleanup, error.message) } : {}) };
  }
}

async function rename(
  manager: ManagementClient,
  account: Account,
  { hash, name }: Extract<PendingCleanup, { kind: "rename" }>,
): Promise<Outcome> {
  if (account.byHash(hash)) await manager.change(hash, { name });
  return {};
}

async function remove(manager: ManagementClient, account: Account, cleanup: Removal): Promise<Outcome> {
  const item = account.find(cleanup);
  if (!item) {
    // If the account has the active key, a missing key is already deleted. Else this is another account.
    if (account.current) return {};
    return { open: cleanup, left: left(cleanup, "it is not in the account of this management key") };
  }
  if (!item.disabled) await manager.change(item.hash, { disabled: true });
  const disabled: Removal = {
    ...cleanup,
    hash: item.hash,
    disabled: cleanup.disabled ?? new Date().toISOString(),
  };
  if (dueOf(disabled) > Date.now()) {
    return {
      open: disabled,
      left: left(disabled, "its time of grace is not over"),
    };
  }
  await manager.remove(item.hash);
  return { done: `The key ${item.label} is deleted.` };
}

function dueOf({ disabled, graceSeconds }: Removal): number {
  return disabled ? Date.parse(disabled) + graceSeconds * 1000 : 0;
}

function left(cleanup: Removal, why: string): LeftKey {
  return {
    key: describeKey(cleanup),
    ...(cleanup.disabled ? { disabled: cleanup.disabled, due: new Date(dueOf(cleanup)).toISOString() } : {}),
    why,
  };
}
