import { randomBytes } from "node:crypto";
import { day } from "../../core/time";
import type { Deployment } from "../../model/deployment";
import type { KeyItem, KeyLimit } from "../../openrouter/management";
import { hardLimitUsd, isAbove, mostInAMonth } from "../../openrouter/money";
import type { KeyInfo } from "../../openrouter/schemas";
import { journal } from "../../store/journal";
import { addPendingCleanup } from "../../store/records/pending-cleanups";
import { type Rotation, rotationRecord } from "../../store/records/rotation-record";
import { type Account, atOpenRouter } from "./account";
import type { FoundKey } from "./account-keys";
import type { KeyIdentity } from "./run-pending-cleanups";

/** The name, limits and workspace of a new key. */
interface KeyPlan extends KeyLimit {
  readonly name: string;
  /** @default the account's default workspace */
  readonly workspaceId?: string;
}

/**
 * Plans a new key with the old key's name and limits, if the account has the old key. If it has no limit, the new key gets the
 * settings' hard limit: without one, it could spend the whole credit of the account.
 */
export function planKey(deployment: Deployment, old: KeyItem | undefined, spendsByok = false): KeyPlan {
  if (!old || old.limit === null) return planLimitedKey(deployment, old, spendsByok);
  const { limit, limitReset, includeByokInLimit } = old;
  return { name: nameFor(deployment, old), limit, limitReset, includeByokInLimit };
}

/** Plans a new key with the settings' hard limit, whatever the old key's limit. */
export function planLimitedKey(
  deployment: Deployment,
  old: KeyItem | undefined,
  spendsByok = false,
): KeyPlan {
  return { name: nameFor(deployment, old), ...limitFor(deployment.settings, spendsByok) };
}

/** The settings' hard limit, for a key that spends by keys of the account's own (BYOK) with that included. */
export function limitFor(settings: Deployment["settings"], spendsByok: boolean): KeyLimit {
  return { ...hardLimit(settings), ...(spendsByok ? { includeByokInLimit: true } : {}) };
}

/** The workspace of a new key: the old key's own, if the account has it; else guardrails and budget would be others. */
export async function workspaceFor(
  { keys }: Account,
  found: FoundKey | undefined,
  old: KeyIdentity,
): Promise<Pick<KeyPlan, "workspaceId">> {
  const id = found?.workspaceId ?? old.workspaceId;
  return id !== undefined && (found?.workspaceId === id || (await keys.has(id))) ? { workspaceId: id } : {};
}

function nameFor({ instance }: Deployment, old: KeyItem | undefined): string {
  return old?.name ?? `openclaw-openrouter ${instance}`;
}

/** The settings' hard limit a month, in USD. */
export function hardLimit({ budget }: Deployment["settings"]): { limit: number; limitReset: "monthly" } {
  return { limit: hardLimitUsd(budget), limitReset: "monthly" };
}

/** Tells that a new key's own limit does not hold it to the settings' hard limit; undefined if it does. */
export function describeLooseLimit(
  { limit, limitReset }: Pick<KeyInfo, "limit" | "limitReset">,
  settings: Deployment["settings"],
): string | undefined {
  const hard = hardLimit(settings).limit;
  const inAMonth = mostInAMonth({ limit, limitReset });
  if (inAMonth !== null && !isAbove(inAMonth, hard)) return undefined;
  const much = inAMonth === limit ? "" : `, reset ${limitReset}, so up to ${inAMonth} USD a month`;
  const has = limit === null ? "no limit of its own" : `a limit of ${limit} USD${much}`;
  return `The new key has ${has}; the settings' hard limit is ${hard} USD a month: openclaw-openrouter key limit sets it.`;
}

/**
 * Creates a key at OpenRouter. The name is written to disk before the request: if the run is interrupted before the answer, the
 * next run finds the lost key by that name. The key itself is written to disk before any other step.
 * @param begun the rotation so far
 * @throws UserError if the key is not created
 */
export async function makeKey(
  { home, settings }: Deployment,
  { manager }: Account,
  plan: KeyPlan,
  begun: Omit<Extract<Rotation, { phase: "making" }>, "phase" | "made">,
): Promise<void> {
  const name = `${plan.name} (rotation ${begun.started} ${randomBytes(4).toString("hex")})`;
  const made = { name, finalName: plan.name };
  rotationRecord.write(home, { ...begun, phase: "making", made });
  journal(home.journal, { command: "key rotate", result: "making a key", name });
  const { expireDays } = settings.rotation;
  try {
    const { key, item } = await atOpenRouter("OpenRouter created no new key. The stored key stays.", () =>
      manager.create({ ...plan, name, ...(expireDays ? { expiresAt: inDays(expireDays) } : {}) }),
    );
    rotationRecord.write(home, { ...begun, phase: "ready", key, made: { ...made, hash: item.hash } });
  } catch (error) {
    // The key can exist all the same, for example if the answer was lost.
    addPendingCleanup(home, { kind: "remove", name, since: begun.started, graceSeconds: 0 });
    rotationRecord.remove(home);
    throw error;
  }
}

function inDays(days: number): string {
  return new Date(Date.now() + days * day).toISOString();
}
