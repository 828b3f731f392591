import { wrongUsage } from "../../core/errors";
import { counted } from "../../core/text";
import { describeDuration } from "../../core/time";
import type { VaultPlace } from "../../model/deployment";
import { keyFingerprint, keysPage } from "../../model/openrouter-key";
import type { DeployContext } from "../../session/context";
import { requireVault } from "../../session/require-vault";
import { requireDeployedServers, requireStates } from "../../session/requirements";
import { declaredKey, keySince, readKeyRecord } from "../../store/records/key-record";
import { rotationRecord } from "../../store/records/rotation-record";
import { type Account, accountOf } from "./account";
import { cleanUp } from "./clean-up";
import { describeLooseLimit, makeKey, planKey, workspaceFor } from "./make-key";
import { type ResumeOptions, type RotationResult, resumeRotation } from "./resume-rotation";
import type { CleanupsResult } from "./run-pending-cleanups";
import { identityOf, requireStored } from "./stored";

interface RotateOptions extends Pick<ResumeOptions, "reload"> {
  /** The new key. @default the management key creates one */
  readonly given?: string;
  /** The management key, which creates, disables and deletes keys. Held in memory only. */
  readonly managementKey?: string;
  /** The seconds between disabling and deleting the old key. */
  readonly graceSeconds: number;
  /** The age in seconds that a key must exceed to be rotated. @default any age */
  readonly olderThanSeconds?: number;
  /** Plans the new key. @default planKey: with the old key's name and limits */
  readonly plan?: typeof planKey;
  /** Where Vault answers, if it is open already. */
  readonly place?: VaultPlace;
}

/** The result of a rotation, as `--json` prints it. */
export interface RotateReport {
  readonly version: 1;
  readonly instance: string;
  readonly result: "rotated" | "undone" | "not due";
  /** The fingerprint of the active key. */
  readonly key: string;
  /** Why it was undone, or is not due. */
  readonly why?: string;
  readonly warnings: readonly string[];
  /** The pending cleanups of old keys at OpenRouter: done and left. */
  readonly pendingCleanups: CleanupsResult;
}

type Outcome = RotationResult | { readonly due: false; readonly why: string };

/**
 * Replaces the stored key with a new one. Tests the new key before it is stored and again as read from Vault, and rolls back if
 * anything fails. Resumes an interrupted rotation first; if that activates its key, it counts as this rotation.
 * @throws UserError if nothing changed, or if neither key could be made active yet
 */
export async function rotate(context: DeployContext, options: RotateOptions): Promise<RotateReport> {
  const { deployment } = context;
  requireDeployedServers(deployment);
  await requireStates(context);
  const place = options.place ?? (await requireVault(context, { requireUnchanged: true })).place;
  const account = await accountOf(context, options.managementKey);
  const outcome =
    (await endEarlier(context, place, options)) ??
    (await whyNotDue(context, place, options)) ??
    (await rotateNow(context, place, options, account));

  const active = await requireStored(context, place);
  const pendingCleanups = await cleanUp(context, account, active.key);
  return {
    version: 1,
    instance: deployment.instance,
    result: "due" in outcome ? "not due" : outcome.rotated ? "rotated" : "undone",
    key: keyFingerprint(active.key),
    ...("why" in outcome ? { why: outcome.why } : {}),
    warnings: warningsOf(context, outcome),
    pendingCleanups,
  };
}

/**
 * Resumes an interrupted rotation. Undoes it if its key is not stored yet and this run is given another key.
 * @returns its result, if that is the result of this run too
 */
async function endEarlier(
  context: DeployContext,
  place: VaultPlace,
  { given, managementKey, reload }: RotateOptions,
): Promise<RotationResult | undefined> {
  const earlier = rotationRecord.read(context.deployment.home);
  if (!earlier) return undefined;
  const isOther = given !== undefined && earlier.phase === "ready" && earlier.key !== given;
  const earlierResult = await resumeRotation(context, place, {
    ...(reload ? { reload } : {}),
    ...(isOther ? { undoBecause: "another key was given since" } : {}),
  });
  const isNext = given === undefined && managementKey === undefined;
  const isThis =
    earlierResult?.rotated && (given === undefined || keyFingerprint(given) === earlierResult.fingerprint);
  return isNext || isThis ? earlierResult : undefined;
}

async function whyNotDue(
  context: DeployContext,
  place: VaultPlace,
  { olderThanSeconds }: RotateOptions,
): Promise<Outcome | undefined> {
  if (olderThanSeconds === undefined) return undefined;
  const since = keySince(context.deployment.home, await requireStored(context, place));
  const age = Math.floor((Date.now() - since.getTime()) / 1000);
  if (age > olderThanSeconds) return undefined;
  const days = Math.floor(age / 86_400);
  return {
    due: false,
    why: `the key is ${counted(days, "day")} old, not older than ${describeDuration(olderThanSeconds)}`,
  };
}

async function rotateNow(
  context: DeployContext,
  place: VaultPlace,
  options: RotateOptions,
  account: Account | undefined,
): Promise<RotationResult> {
  const { deployment, signal, phase } = context;
  const { home } = deployment;
  const { given, graceSeconds, reload } = options;
  const stored = await requireStored(context, place);
  const oldKey = stored.key;
  if (given !== undefined) refuseOld(context, given, oldKey);
  const known = await identityOf(context, oldKey);
  const { generation, version } = readKeyRecord(home);
  const begun = {
    started: new Date().toISOString(),
    old: { sha256: known.sha256, ...(known.label ? { label: known.label } : {}) },
    before: { generation, version, since: keySince(home, stored).toISOString() },
    graceSeconds,
  };
  if (given !== undefined) rotationRecord.write(home, { ...begun, phase: "ready", key: given });
  else if (account) {
    const found = await account.keys.find(known, known.workspaceId);
    const plan = {
      ...(options.plan ?? planKey)(deployment, found?.item, known.spendsByok),
      ...(await workspaceFor(account, found, known)),
    };
    await phase("New key", () => makeKey(deployment, account, plan, begun));
  } else
    throw wrongUsage({
      problem: "No new key was given, and no management key to create one.",
      expected: "a key by --key-file or --key-stdin, or a management key by OPENROUTER_MANAGEMENT_KEY",
    });
  signal.throwIfAborted();
  // The rotation was recorded above, so there is one to resume.
  return (await resumeRotation(context, place, { oldKey, ...(reload ? { reload } : {}) }))!;
}

/** @throws UserError if the new key is the stored key, or a retired one */
function refuseOld({ deployment }: DeployContext, given: string, stored: string): void {
  declaredKey(deployment.home.root, given);
  if (given !== stored) return;
  throw wrongUsage({
    problem: "This key is the stored one already.",
    got: `the key with fingerprint ${keyFingerprint(given)}`,
    expected: "a new key",
    fix: `Create one at ${keysPage}.`,
  });
}

function warningsOf({ deployment }: DeployContext, outcome: Outcome): string[] {
  if (!("info" in outcome)) return [];
  const { info, noAnswer } = outcome;
  const limit = describeLooseLimit(info, deployment.settings);
  return [
    ...(noAnswer
      ? [
          `OpenRouter accepts the new key, but no model answered its test, which is not the key's fault: ${noAnswer}`,
        ]
      : []),
    ...(limit === undefined ? [] : [limit]),
  ];
}
