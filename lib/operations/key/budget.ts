import { UserError } from "../../core/errors";
import type { VaultPlace } from "../../model/deployment";
import { keyFingerprint } from "../../model/openrouter-key";
import type { KeyInfo } from "../../openrouter/schemas";
import type { DeployContext } from "../../session/context";
import { settle } from "../../session/record-deployment";
import { requireVault } from "../../session/require-vault";
import { testKey } from "../../session/test-key";
import { readBudget, writeBudget } from "../../store/budget-record";
import { type Account, atOpenRouter, openAccount } from "./account";
import { hardLimit, planLimitedKey } from "./make-key";
import { rotate } from "./rotate";
import { type CleanupsResult, findKey, runPendingCleanups } from "./run-pending-cleanups";
import { resumeRotation } from "./settle";
import { identityOf, requireStored } from "./stored";

export interface BudgetOptions {
  /** Held in memory only. */
  readonly managementKey: string;
  /** Whether a new key is made with the limit and rotated in, instead of giving the limit to the stored one. */
  readonly newKey: boolean;
  /** How long the old key is kept then, once it was disabled, in seconds. */
  readonly graceSeconds: number;
}

/** What `key limit` did, as `--json` gives it. */
export interface BudgetReport {
  readonly version: 1;
  readonly instance: string;
  readonly result: "set" | "as it was" | "rotated" | "undone";
  /** Fingerprint of the active key. */
  readonly key: string;
  /** What it may spend a month, in USD, and what is left of that. */
  readonly limitUsd: number;
  readonly remainingUsd: number | null;
  /** Why it was undone. */
  readonly why?: string;
  readonly pendingCleanups: CleanupsResult;
}

/**
 * Has OpenRouter itself enforce the settings' hard limit, each month again, by the key's own limit.
 * @throws UserError where the stored key cannot be given it
 */
export async function setBudget(context: DeployContext, options: BudgetOptions): Promise<BudgetReport> {
  const { deployment, phase, signal } = context;
  const { place } = await requireVault(context, { requireUnchanged: options.newKey });
  if (options.newKey) return rotateLimited(context, place, options);
  const account = await phase("Account at OpenRouter", () =>
    openAccount(deployment, options.managementKey, signal),
  );
  await resumeRotation(context, place);
  return phase("Limit", () => limitStored(context, place, account));
}

/** Gives the stored key its limit, and sees by the key itself that it has it. */
async function limitStored(
  context: DeployContext,
  place: VaultPlace,
  { manager, keys }: Account,
): Promise<BudgetReport> {
  const { deployment } = context;
  const { home, instance, settings } = deployment;
  const { key } = await requireStored(context, place);
  const identity = await identityOf(context, key);
  const item = findKey(keys, identity);
  if (!item) throw notInAccount(key);
  const wanted = hardLimit(settings);
  const isAsItWas = item.limit === wanted.limit && item.limitReset === wanted.limitReset;
  if (!isAsItWas) {
    await atOpenRouter("The key's limit could not be set.", () => manager.change(item.hash, wanted));
  }
  const info = await requireLimit(context, key);
  const fingerprint = keyFingerprint(key);
  const known = readBudget(home, fingerprint);
  if (!isAsItWas || known?.limitUsd !== wanted.limit) await recordLimit(context, fingerprint);
  return {
    version: 1,
    instance,
    result: isAsItWas ? "as it was" : "set",
    key: fingerprint,
    limitUsd: wanted.limit,
    remainingUsd: info.limitRemaining,
    pendingCleanups: await runPendingCleanups(manager, home, identity),
  };
}

async function rotateLimited(
  context: DeployContext,
  place: VaultPlace,
  { managementKey, graceSeconds }: BudgetOptions,
): Promise<BudgetReport> {
  const { settings } = context.deployment;
  const { result, why, pendingCleanups, ...rotated } = await rotate(context, {
    managementKey,
    graceSeconds,
    plan: planLimitedKey,
    place,
  });
  const { version, instance, key } = rotated;
  const { limit: limitUsd } = hardLimit(settings);
  if (result !== "rotated") {
    return {
      version,
      instance,
      result: "undone",
      key,
      limitUsd,
      remainingUsd: null,
      ...(why ? { why } : {}),
      pendingCleanups,
    };
  }
  const stored = await requireStored(context, place);
  const info = await requireLimit(context, stored.key);
  await recordLimit(context, key);
  return { version, instance, result, key, limitUsd, remainingUsd: info.limitRemaining, pendingCleanups };
}

/** For the check, which compares with what was set, and for `drift`, which compares with what was deployed. */
async function recordLimit(context: DeployContext, fingerprint: string): Promise<void> {
  const { deployment } = context;
  const { limit, limitReset } = hardLimit(deployment.settings);
  writeBudget(deployment.home, {
    fingerprint,
    limitUsd: limit,
    limitReset,
    at: new Date().toISOString(),
  });
  await settle(context, false);
}

/** @throws UserError where OpenRouter does not say that the key has the limit */
async function requireLimit({ deployment, signal }: DeployContext, key: string): Promise<KeyInfo> {
  const wanted = hardLimit(deployment.settings);
  const tested = await testKey(deployment, key, signal);
  const has = tested.works ? tested.info : undefined;
  if (has?.limit === wanted.limit && has.limitReset === wanted.limitReset) return has;
  throw new UserError({
    problem: "OpenRouter does not say that the key has the limit.",
    got: tested.works
      ? `a limit of ${tested.info.limit ?? "nothing"}, reset ${tested.info.limitReset ?? "never"}`
      : tested.why,
    expected: `${wanted.limit} USD, reset ${wanted.limitReset}`,
    fix: "Run this again; where it stays, set the limit at https://openrouter.ai/settings/keys.",
  });
}

function notInAccount(key: string): UserError {
  return new UserError({
    problem: "The stored key is not in the account of this management key.",
    got: `no key with fingerprint ${keyFingerprint(key)} there`,
    expected: "a management key of the account that the stored key is of",
    fix: "Give that account's management key; or have a new key made in this account, which takes the stored one's place: openclaw-openrouter key limit --new-key",
  });
}
