import { ifError } from "../../core/errors";
import { type HomePaths, homePaths } from "../../model/home-paths";
import { fingerprintOfDigest } from "../../model/openrouter-key";
import { OpenRouterFailure } from "../../openrouter/errors";
import type { KeyItem, ManagementClient } from "../../openrouter/management";
import { instanceHome, instances } from "../../store/home";
import { readHosts } from "../../store/records/hosts-record";
import { readKeyRecord } from "../../store/records/key-record";
import {
  describeKey,
  type PendingCleanup,
  type Removal,
  readPendingCleanups,
  writePendingCleanups,
} from "../../store/records/pending-cleanups";
import { AccountKeys } from "./account-keys";

/** A key that is still to be deleted, as reported to a person. */
interface LeftKey {
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
 * over. It never touches the active key, nor one that a host or another instance has. It keeps a failed cleanup for the next run.
 * @param active SHA-256 and label of the stored key
 */
export async function runPendingCleanups(
  manager: ManagementClient,
  home: HomePaths,
  active: KeyIdentity,
): Promise<CleanupsResult> {
  const pendingCleanups = readPendingCleanups(home);
  if (pendingCleanups.length === 0) return { done: [], left: [] };
  const account = await accountOf(manager, active, home);
  const done: string[] = [];
  const leftOver: LeftKey[] = [];
  const open: PendingCleanup[] = [];
  for (const [index, cleanup] of pendingCleanups.entries()) {
    const outcome = await run(account, cleanup);
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
  /** The workspace that it belongs to, if OpenRouter reports it. */
  readonly workspaceId?: string;
}

/** The keys of a management key's account, and those among them that are in use. */
type Account = Awaited<ReturnType<typeof accountOf>>;

async function accountOf(manager: ManagementClient, active: KeyIdentity, home: HomePaths) {
  const keys = new AccountKeys(manager);
  const { hosts } = readHosts(home);
  return { manager, keys, active, hosts, home, current: await keys.find(active, active.workspaceId) };
}

/** Whether a host has the key, or gets it if its interrupted run is resumed. */
function isOfHost({ hosts }: Account, { hash }: KeyItem): boolean {
  return hosts
    .flatMap(({ key, newKey }) => [key, newKey?.key])
    .some((key) => key !== undefined && [key.sha256, key.hash].includes(hash));
}

/** The other instance of this host that has the key: one key can be given to several. */
function otherInstanceWith({ home }: Account, { hash }: KeyItem, { sha256 }: Removal): string | undefined {
  const digests = [hash, ...(sha256 ? [sha256] : [])];
  const known = digests.map(fingerprintOfDigest);
  const others = instances().filter((name) => instanceHome(name) !== home.root);
  return others.find((name) =>
    known.includes(readKeyRecord(homePaths(instanceHome(name))).fingerprint ?? ""),
  );
}

/** The key to delete; never the active one. */
async function find(
  { keys, active, current }: Account,
  { hash, name, sha256, label }: Removal,
): Promise<KeyItem | undefined> {
  const wanted = hash ? { hash } : sha256 ? { sha256, ...(label ? { label } : {}) } : name ? { name } : {};
  const found = (await keys.find(wanted, active.workspaceId))?.item;
  return found && found.hash === current?.item.hash ? undefined : found;
}

interface Outcome {
  readonly done?: string;
  readonly left?: LeftKey;
  /** The cleanup to keep for the next run. @default none: it is done */
  readonly open?: PendingCleanup;
}

async function run(account: Account, cleanup: PendingCleanup): Promise<Outcome> {
  const outcome = cleanup.kind === "rename" ? rename(account, cleanup) : remove(account, cleanup);
  return outcome.catch(
    ifError(OpenRouterFailure, ({ message }) => ({
      open: cleanup,
      ...(cleanup.kind === "remove" ? { left: left(cleanup, message) } : {}),
    })),
  );
}

async function rename(
  { manager, keys, active }: Account,
  { hash, name }: Extract<PendingCleanup, { kind: "rename" }>,
): Promise<Outcome> {
  if (await keys.find({ hash }, active.workspaceId)) await manager.change(hash, { name });
  return {};
}

async function remove(account: Account, cleanup: Removal): Promise<Outcome> {
  const { manager, keys, current } = account;
  const item = await find(account, cleanup);
  if (!item) {
    // If the account has the active key, a missing key is already deleted. Else this is another account.
    if (current && keys.isComplete) return {};
    const why = "it is not in the account of this management key";
    return {
      open: cleanup,
      left: left(cleanup, keys.isComplete ? why : `it was not found: ${keys.describe()}`),
    };
  }
  if (isOfHost(account, item)) return { open: cleanup };
  const other = otherInstanceWith(account, item, cleanup);
  if (other !== undefined)
    return { open: cleanup, left: left(cleanup, `the instance ${other} has it too: rotate it there first`) };
  if (!item.disabled) await manager.change(item.hash, { disabled: true });
  const since = cleanup.disabled ?? new Date().toISOString();
  const disabled: Removal = { ...cleanup, hash: item.hash, disabled: since };
  if (dueOf(disabled) > Date.now())
    return { open: disabled, left: left(disabled, "its time of grace is not over") };
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
