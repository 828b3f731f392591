import { sandboxInstance } from "../../config/sandbox";
import { defined } from "../../core/defined";
import { UserError } from "../../core/errors";
import { sha256 } from "../../core/fingerprint";
import type { Progress } from "../../core/progress";
import type { VaultPlace } from "../../model/deployment";
import { fingerprintOfDigest, keyVersion } from "../../model/openrouter-key";
import type { KeyInfo } from "../../openrouter/schemas";
import { keepSandboxKey } from "../../sandbox/serve";
import { applyStack } from "../../session/apply-stacks";
import { generationThatWrites } from "../../session/choose-key";
import type { DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { findEarlierKey, readStoredKey } from "../../session/read-stored-key";
import { recordDeployment } from "../../session/record-deployment";
import { journal } from "../../store/journal";
import { readBudget, writeBudget } from "../../store/records/budget-record";
import { readKeyRecord, recordStoredKey, writeKeyRecord } from "../../store/records/key-record";
import { addPendingCleanup } from "../../store/records/pending-cleanups";
import { type Rotation, rotationRecord } from "../../store/records/rotation-record";
import { VaultClient } from "../../vault/client";
import { tryKey } from "./try-key";
import { verifyStored } from "./verify-stored";

/** A rotation applies the stack of the key alone: a change of Vault's settings is still to be deployed. */
const isOfKeysStack = (part: string): boolean => part !== "vault";

/** How a rotation ended. */
export type RotationResult =
  | {
      readonly rotated: true;
      readonly fingerprint: string;
      readonly info: KeyInfo;
      /** Why no model answered the new key's test. @default one answered */
      readonly noAnswer?: string;
    }
  /** The previous key is active, or another one that was stored since. */
  | { readonly rotated: false; readonly why: string };

export interface ResumeOptions {
  /** The old key, if this run has read it. @default it is read from the earlier versions in Vault */
  readonly oldKey?: string;
  /** The reason to keep the previous key in any case. @default the new key becomes active if it works */
  readonly undoBecause?: string;
  /** Reloads a running gateway with the new key, before the old key is disabled. @default nothing runs */
  readonly reload?: () => Promise<void>;
}

/** What the steps of a rotation share. */
interface Run extends ResumeOptions {
  readonly context: DeployContext;
  readonly place: VaultPlace;
  readonly progress: Progress;
}

/**
 * Resumes an interrupted rotation: it ends with the new key active, or with the previous key.
 * @returns undefined if no rotation is recorded
 * @throws UserError if it cannot end now; the next command that deploys resumes it
 */
export async function resumeRotation(
  context: DeployContext,
  place: VaultPlace,
  options: ResumeOptions = {},
): Promise<RotationResult | undefined> {
  const { home } = context.deployment;
  const rotation = rotationRecord.read(home);
  if (!rotation) return undefined;
  const result = await context.phase(
    "Rotation",
    (progress) => resume({ ...options, context, place, progress }, rotation),
    (ended) => (ended.rotated ? "the new key is active" : "the previous key stays"),
  );
  journal(home.journal, {
    command: "key rotate",
    ...(result.rotated
      ? { result: "rotated", key: result.fingerprint, before: fingerprintOfDigest(rotation.old.sha256) }
      : { result: "undone", key: fingerprintOfDigest(rotation.old.sha256) }),
  });
  return result;
}

async function resume(run: Run, rotation: Rotation): Promise<RotationResult> {
  const yielded = await yieldToOther(run, rotation);
  if (yielded) return yielded;
  switch (rotation.phase) {
    case "making":
      // OpenRouter may have created the key. Its text is lost in any case.
      return undo(run, rotation, "it was interrupted while OpenRouter created the new key");
    case "ready":
      return run.undoBecause ? undo(run, rotation, run.undoBecause) : testAndStore(run, rotation);
    case "stored":
      return verifyAndFinish(run, rotation);
    case "undoing":
      return undo(run, rotation, rotation.why);
  }
}

/**
 * Ends a rotation if the stored key is neither the old nor the new one: somebody stored it since, or a run on another host did.
 * @returns undefined if it is one of the two
 */
async function yieldToOther(run: Run, rotation: Rotation): Promise<RotationResult | undefined> {
  const { home } = run.context.deployment;
  const stored = (await readStoredKey(VaultClient.at(run.place), home))?.key;
  if (stored === undefined) return undefined;
  if ([rotation.old.sha256, sha256OfNew(rotation).sha256].includes(sha256(stored))) return undefined;
  abandonMade(run, rotation);
  rotationRecord.remove(home);
  return { rotated: false, why: "another key was stored since, by hand or by another run, and stays" };
}

type InPhase<P extends Rotation["phase"]> = Extract<Rotation, { phase: P }>;

async function testAndStore(run: Run, rotation: InPhase<"ready">): Promise<RotationResult> {
  const { deployment, signal } = run.context;
  const { key, ...rest } = rotation;
  run.progress("testing the new key");
  const trial = await tryKey(deployment, key, signal);
  if (!trial.works) return undo(run, rotation, `the new key does not work: ${trial.why}`);
  try {
    await storeKey(run.context, run.place, key, run.progress);
  } catch (error) {
    if (signal.aborted) throw error;
    return undo(run, rotation, `the new key could not be stored: ${messageOf(error)}`);
  }
  const stored: InPhase<"stored"> = { ...rest, phase: "stored", sha256: sha256(key) };
  rotationRecord.write(deployment.home, stored);
  const result = await verifyAndFinish(run, stored);
  return result.rotated && trial.noAnswer ? { ...result, noAnswer: trial.noAnswer } : result;
}

async function verifyAndFinish(run: Run, rotation: InPhase<"stored">): Promise<RotationResult> {
  let info: KeyInfo;
  try {
    run.progress("reading the new key back");
    info = await verifyStored(run.context, run.place, rotation.sha256);
  } catch (error) {
    if (run.context.signal.aborted) throw error;
    return undo(run, rotation, whyUndone(error));
  }
  try {
    await run.reload?.();
  } catch (error) {
    if (run.context.signal.aborted) throw error;
    return withReloaded(run, await undo(run, rotation, whyUndone(error)));
  }
  await finish(run, rotation);
  return { rotated: true, fingerprint: fingerprintOfDigest(rotation.sha256), info };
}

function whyUndone(error: unknown): string {
  return `the new key was stored, but then: ${messageOf(error)}`;
}

/** A gateway can have taken the new key before its reload failed, such as by a time limit: it gets the previous one again. */
async function withReloaded({ reload }: Run, undone: RotationResult): Promise<RotationResult> {
  try {
    await reload?.();
    return undone;
  } catch {
    if (undone.rotated) return undone;
    const why = `${undone.why}. So it did with the previous key: a running gateway may have either, so restart it`;
    return { ...undone, why };
  }
}

/** Records that the new key is active: the old key is retired, and its deletion at OpenRouter is pending. */
async function finish({ context, place }: Run, rotation: InPhase<"stored">): Promise<void> {
  const { home, instance } = context.deployment;
  const { old, made, graceSeconds } = rotation;
  addPendingCleanup(home, { kind: "remove", ...old, since: now(), graceSeconds });
  if (made?.hash) addPendingCleanup(home, { kind: "rename", hash: made.hash, name: made.finalName });
  const before = fingerprintOfDigest(old.sha256);
  const budget = readBudget(home, before);
  if (made && budget) writeBudget(home, { ...budget, fingerprint: fingerprintOfDigest(rotation.sha256) });
  if (instance === sandboxInstance) {
    const stored = await readStoredKey(VaultClient.at(place), home);
    if (stored?.key) keepSandboxKey(home, stored.key);
  }
  const record = readKeyRecord(home);
  writeKeyRecord(home, { ...record, retired: [...new Set([...record.retired, before])] });
  await recordDeployment(context, true, { isDeployed: isOfKeysStack });
  rotationRecord.remove(home);
}

/** Stores the previous key again, if the new one was stored. */
async function undo(run: Run, rotation: Rotation, why: string): Promise<RotationResult> {
  // Since the begin: a run on another host can have been what this one failed by.
  const yielded = await yieldToOther(run, rotation);
  if (yielded) return yielded;
  const { home } = run.context.deployment;
  const { old, before, started, graceSeconds } = rotation;
  const made = "made" in rotation ? rotation.made : undefined;
  // This removes the new key from the file. If OpenRouter created it, its name identifies it for the cleanup.
  rotationRecord.write(home, {
    ...{ phase: "undoing", started, old, before, graceSeconds, why },
    ...sha256OfNew(rotation),
    ...(made ? { made } : {}),
  });
  // An earlier run can have retired the previous key, and have failed after that.
  const known = readKeyRecord(home);
  const retired = known.retired.filter((each) => each !== fingerprintOfDigest(old.sha256));
  writeKeyRecord(home, { ...known, retired });
  const vault = VaultClient.at(run.place);
  const stored = (await readStoredKey(vault, home))?.key;
  const isActive = stored !== undefined && sha256(stored) === old.sha256;
  const record = readKeyRecord(home);
  // An earlier run can have restored the previous key, and not have recorded that.
  const { sha256: ofNew } = sha256OfNew(rotation);
  const isNewRecorded = ofNew !== undefined && record.fingerprint === fingerprintOfDigest(ofNew);
  if (isActive && record.version === before.version && !isNewRecorded) {
    writeKeyRecord(home, { ...record, generation: before.generation });
  } else {
    run.progress("restoring the previous key");
    const key = isActive ? stored : (run.oldKey ?? (await findEarlierKey(vault, home, old.sha256)));
    if (!key) throw notPutBack(why, "no version of secret/openrouter in Vault has it");
    await putBack(run, key, before.since, why);
    await recordDeployment(run.context, true, { isDeployed: isOfKeysStack });
  }
  abandonMade(run, rotation);
  rotationRecord.remove(home);
  return { rotated: false, why };
}

/** Adds a cleanup that deletes the unused new key. */
function abandonMade({ context }: Run, rotation: Rotation): void {
  if (!("made" in rotation) || !rotation.made) return;
  const { finalName: _, ...known } = rotation.made;
  addPendingCleanup(context.deployment.home, { kind: "remove", ...known, since: now(), graceSeconds: 0 });
}

function sha256OfNew(rotation: Rotation): { readonly sha256?: string } {
  if (rotation.phase === "making") return {};
  return defined({ sha256: rotation.phase === "ready" ? sha256(rotation.key) : rotation.sha256 });
}

/** @throws UserError if the reader does not read that key afterwards */
async function putBack(
  { context, place, progress }: Run,
  key: string,
  since: string,
  why: string,
): Promise<void> {
  let failure: unknown;
  try {
    await storeKey(context, place, key, progress, since);
  } catch (error) {
    if (context.signal.aborted) throw error;
    failure = error;
  }
  // A later step of that stack can fail, as it can with the new key. Only the stored key counts.
  const stored = await readStoredKey(VaultClient.at(place), context.deployment.home);
  if (stored?.key !== key)
    throw notPutBack(why, failure ? messageOf(failure) : "the reader reads another key");
}

function notPutBack(why: string, got: string): UserError {
  return new UserError({
    problem: `The rotation failed (${why}), and the previous key could not be restored yet.`,
    got,
    expected: "the previous key in secret/openrouter",
    fix: "Fix that, then run this command again, which resumes the rotation.",
  });
}

function now(): string {
  return new Date().toISOString();
}

function messageOf(error: unknown): string {
  if (error instanceof UserError) return [error.props.problem, error.props.got].filter(Boolean).join(" ");
  return error instanceof Error ? error.message : String(error);
}

/**
 * Applies the second stack with a key, so that Terraform's next plan is empty. If an interrupted run has already stored the
 * key, the stored version stays unchanged.
 * @param since when the key was first stored. @default now, unless it is the recorded key
 */
async function storeKey(
  context: DeployContext,
  place: VaultPlace,
  key: string,
  progress: Progress,
  since?: string,
): Promise<void> {
  const { home } = context.deployment;
  const record = readKeyRecord(home);
  const stored = await readStoredKey(VaultClient.at(place), home);
  const generation = stored?.key === key ? record.generation : generationThatWrites(key, record);
  const version = keyVersion(key, generation);
  writeKeyRecord(home, { ...record, generation });
  await declare(context, { keyGeneration: generation, keyVersion: version });
  await applyStack(context, "openrouter", key, progress);
  recordStoredKey(home, { key, version, generation, ...defined({ since }) });
}
