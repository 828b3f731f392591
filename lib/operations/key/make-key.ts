import { randomBytes } from "node:crypto";
import type { Deployment } from "../../model/deployment";
import type { KeyItem, KeyLimit } from "../../openrouter/management";
import { journal } from "../../store/journal";
import { addPendingCleanup } from "../../store/pending-cleanups";
import { type Rotation, rotationRecord } from "../../store/rotation-record";
import { type Account, atOpenRouter } from "./account";

/** What a new key is made like. */
export interface KeyPlan extends KeyLimit {
  readonly name: string;
}

/**
 * What a new key is made like: as the old one, where the account has that one. A key without a limit gets the settings' hard
 * limit instead: without one it could spend all of the account's credit.
 */
export function planKey(deployment: Deployment, old: KeyItem | undefined): KeyPlan {
  const limited = old && old.limit !== null ? limitOf(old) : hardLimit(deployment.settings);
  return { name: nameFor(deployment, old), ...limited };
}

/** The same with the settings' hard limit, whatever the old one has. */
export function planLimitedKey(deployment: Deployment, old: KeyItem | undefined): KeyPlan {
  return { name: nameFor(deployment, old), ...hardLimit(deployment.settings) };
}

function nameFor({ instance }: Deployment, old: KeyItem | undefined): string {
  return old?.name ?? `openclaw-openrouter ${instance}`;
}

/** The settings' hard limit a month, in USD; whole cents, never more than it is in EUR. */
export function hardLimit({ budget }: Deployment["settings"]): { limit: number; limitReset: "monthly" } {
  const cents = Math.floor(budget.hardLimitEur * budget.usdPerEur * 100 + 1e-6);
  return { limit: cents / 100, limitReset: "monthly" };
}

function limitOf({ limit, limitReset, includeByokInLimit }: KeyItem): KeyLimit {
  return { limit, limitReset, includeByokInLimit };
}

/**
 * Has OpenRouter make a key. Under which name is on disk before it is asked: a run that is interrupted before the answer leaves a
 * key that nobody has, and the next one finds it by that name. The key itself is on disk before anything else is done.
 * @param begun the rotation so far
 * @throws UserError where it is not made
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
    const { key, item } = await atOpenRouter("OpenRouter made no new key. The stored one stays.", () =>
      manager.create({ ...plan, name, ...(expireDays ? { expiresAt: inDays(expireDays) } : {}) }),
    );
    rotationRecord.write(home, { ...begun, phase: "ready", key, made: { ...made, hash: item.hash } });
  } catch (error) {
    // It may have been made all the same, as where the answer was lost.
    addPendingCleanup(home, { kind: "remove", name, since: begun.started, graceSeconds: 0 });
    rotationRecord.remove(home);
    throw error;
  }
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}
