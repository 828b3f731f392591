import { randomBytes } from "node:crypto";
import { day } from "../../core/time";
import type { Deployment } from "../../model/deployment";
import type { KeyItem, KeyLimit } from "../../openrouter/management";
import { journal } from "../../store/journal";
import { addPendingCleanup } from "../../store/pending-cleanups";
import { type Rotation, rotationRecord } from "../../store/rotation-record";
import { type Account, atOpenRouter } from "./account";

/** The name and limits of a new key. */
export interface KeyPlan extends KeyLimit {
  readonly name: string;
}

/**
 * Plans a new key with the old key's name and limits, if the account has the old key. If it has no limit, the new key gets the
 * settings' hard limit: without one, it could spend the whole credit of the account.
 */
export function planKey(deployment: Deployment, old: KeyItem | undefined): KeyPlan {
  const limited = old && old.limit !== null ? limitOf(old) : hardLimit(deployment.settings);
  return { name: nameFor(deployment, old), ...limited };
}

/** Plans a new key with the settings' hard limit, whatever the old key's limit. */
export function planLimitedKey(deployment: Deployment, old: KeyItem | undefined): KeyPlan {
  return { name: nameFor(deployment, old), ...hardLimit(deployment.settings) };
}

function nameFor({ instance }: Deployment, old: KeyItem | undefined): string {
  return old?.name ?? `openclaw-openrouter ${instance}`;
}

/** The settings' hard limit a month, in USD; rounded down to whole cents, so never above the limit in EUR. */
export function hardLimit({ budget }: Deployment["settings"]): { limit: number; limitReset: "monthly" } {
  const cents = Math.floor(budget.hardLimitEur * budget.usdPerEur * 100 + 1e-6);
  return { limit: cents / 100, limitReset: "monthly" };
}

function limitOf({ limit, limitReset, includeByokInLimit }: KeyItem): KeyLimit {
  return { limit, limitReset, includeByokInLimit };
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
