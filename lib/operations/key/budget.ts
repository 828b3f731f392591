import { UserError } from "../../core/errors";
import type { VaultPlace } from "../../model/deployment";
import { keyFingerprint, keysPage } from "../../model/openrouter-key";
import type { KeyInfo } from "../../openrouter/schemas";
import type { DeployContext } from "../../session/context";
import { recordDeployment } from "../../session/record-deployment";
import { requireVault } from "../../session/require-vault";
import { testKey } from "../../session/test-key";
import { readBudget, writeBudget } from "../../store/records/budget-record";
import { type Account, atOpenRouter, openAccount } from "./account";
import { hardLimit, limitFor, planLimitedKey } from "./make-key";
import { resumeRotation } from "./resume-rotation";
import { rotate } from "./rotate";
import { type CleanupsResult, runPendingCleanups } from "./run-pending-cleanups";
import { identityOf, requireStored } from "./stored";

interface BudgetOptions {
  /** Held in memory only. */
  readonly managementKey: string;
  /** Whether to create a new key with the limit and rotate to it, instead of setting the limit of the stored key. */
  readonly newKey: boolean;
  /** The seconds between disabling and deleting the old key. */
  readonly graceSeconds: number;
}

/** The result of `key limit`, as `--json` prints it. */
export interface BudgetReport {
  readonly version: 1;
  readonly instance: string;
  readonly result: "set" | "as it was" | "rotated" | "undone";
  /** The fingerprint of the active key. */
  readonly key: string;
  /** The key's monthly limit, in USD, and what remains of it. */
  readonly limitUsd: number;
  readonly remainingUsd: number | null;
  /** Why it was undone. */
  readonly why?: string;
  readonly pendingCleanups: CleanupsResult;
}

/**
 * Sets the settings' hard limit as the key's own monthly limit, which OpenRouter enforces.
 * @throws UserError if the limit of the stored key cannot be set
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

/** Sets the limit of the stored key, and reads it back with the key itself. */
async function limitStored(
  context: DeployContext,
  place: VaultPlace,
  { manager, keys }: Account,
): Promise<BudgetReport> {
  const { deployment } = context;
  const { home, instance, settings } = deployment;
  const { key } = await requireStored(context, place);
  const identity = await identityOf(context, key);
  const item = (await keys.find(identity, identity.workspaceId))?.item;
  if (!item)
    throw new UserError({
      problem: "The stored key is not in the account of this management key.",
      got: `no key with fingerprint ${keyFingerprint(key)}; ${keys.describe()}`,
      expected: "a management key of the stored key's account, which may list the keys of its workspace",
      fix: "Use that account's management key; or create a new key in this account, which replaces the stored one: openclaw-openrouter key limit --new-key",
    });
  const wanted = limitFor(settings, identity.spendsByok);
  const isAsItWas =
    item.limit === wanted.limit &&
    item.limitReset === wanted.limitReset &&
    (item.includeByokInLimit || !wanted.includeByokInLimit);
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
    limitUsd: hardLimit(settings).limit,
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
      ...{ version, instance, result: "undone", key, limitUsd, remainingUsd: null },
      ...(why ? { why } : {}),
      pendingCleanups,
    };
  }
  const stored = await requireStored(context, place);
  const info = await requireLimit(context, stored.key);
  await recordLimit(context, key);
  return { version, instance, result, key, limitUsd, remainingUsd: info.limitRemaining, pendingCleanups };
}

/**
 * Records the limit for the check, which compares it with the set one, and for `drift`, which compares it with the deployed
 * one.
 */
async function recordLimit(context: DeployContext, fingerprint: string): Promise<void> {
  const { deployment } = context;
  const { limit, limitReset } = hardLimit(deployment.settings);
  writeBudget(deployment.home, { fingerprint, limitUsd: limit, limitReset, at: new Date().toISOString() });
  await recordDeployment(context, false, { isDeployed: (part) => part === "budget" });
}

/** @throws UserError if OpenRouter does not report the limit for the key */
async function requireLimit({ deployment, signal }: DeployContext, key: string): Promise<KeyInfo> {
  const wanted = hardLimit(deployment.settings);
  const tested = await testKey(deployment, key, signal);
  const has = tested.works ? tested.info : undefined;
  const isBound = has && (has.byokUsage === 0 || has.includeByokInLimit);
  if (isBound && has.limit === wanted.limit && has.limitReset === wanted.limitReset) return has;
  throw new UserError({
    problem: "OpenRouter does not report the limit for the key.",
    got: tested.works
      ? `a limit of ${tested.info.limit ?? "nothing"}, reset ${tested.info.limitReset ?? "never"}, own provider keys (BYOK) ${tested.info.includeByokInLimit ? "" : "not "}included`
      : tested.why,
    expected: `${wanted.limit} USD, reset ${wanted.limitReset}`,
    fix: `Run this command again; if the limit is still missing, set it at ${keysPage}.`,
  });
}
