import { sandboxInstance } from "../../config/sandbox";
import { UserError } from "../../core/errors";
import { readStoredSecret } from "../../drift/stored-secret";
import { keyFingerprint, keyVersion } from "../../model/openrouter-key";
import type { ReportedFinding } from "../../report/drift-report";
import { sandboxKey } from "../../sandbox/serve";
import { type ChosenKey, generationThatWrites } from "../../session/choose-key";
import type { DeployContext } from "../../session/context";
import { readKey } from "../../session/read-stored-key";
import { testKey } from "../../session/test-key";
import { declaredKey, readKeyRecord } from "../../store/records/key-record";
import { logInTo } from "../../vault/log-in";

/** The key to keep, if the stored key is not the deployed one. `neither` changes nothing. */
export type KeyDecision = "stored" | "deployed" | "neither";

export interface DecidedKey extends ChosenKey {
  /** The step shown to the user if the stored key is kept. */
  readonly accepts?: string;
  readonly acceptedKey?: string;
}

interface ChooseOptions {
  readonly context: DeployContext;
  readonly given: string | undefined;
  readonly decideKey: (finding: ReportedFinding) => Promise<KeyDecision>;
}

/** The findings for which the deployed key is written again. */
const rewritten = [
  ...["secret.gone", "secret.deleted", "secret.destroyed", "secret.no-key"],
  ...["secret.expires", "secret.fields"],
];

/**
 * Chooses the key to store. A key that was changed by hand is replaced or kept only after an explicit choice. The chosen key
 * is tested at OpenRouter first.
 * @throws UserError if the chosen key does not work
 */
export async function chooseKeyToStore(
  findings: readonly ReportedFinding[],
  { context, given, decideKey }: ChooseOptions,
): Promise<DecidedKey> {
  const { home } = context.deployment;
  const declared = { ...declaredKey(home.root, undefined), key: undefined };
  const changed = findings.find(({ id }) => id === "secret.value");
  const decision = changed ? await decideKey(changed) : undefined;
  if (decision === "stored") return keepStored(context, declared);
  if (decision !== "deployed" && !findings.some(({ id }) => rewritten.includes(id))) return declared;

  const key = await deployedKey(context, given);
  if (key === undefined) return declared;
  await requireWorking(context, key, "The deployed key was not restored.");
  const keyGeneration = generationThatWrites(key, readKeyRecord(home));
  return { key, keyGeneration, keyVersion: keyVersion(key, keyGeneration) };
}

async function keepStored(context: DeployContext, declared: DecidedKey): Promise<DecidedKey> {
  const auditor = await logInTo(context.deployment, "auditor");
  const key = auditor && (await readStoredSecret(auditor)).key;
  if (key === undefined) return declared;
  await requireWorking(context, key, "The stored key was not accepted as the deployed one.");
  return {
    ...declared,
    acceptedKey: key,
    accepts: `keep the stored key (fingerprint ${keyFingerprint(key)}) as the deployed one`,
  };
}

async function requireWorking({ deployment, signal }: DeployContext, key: string, problem: string) {
  const verdict = await testKey(deployment, key, signal);
  if (verdict.works) return;
  throw new UserError({
    problem,
    got: `fingerprint ${keyFingerprint(key)}: ${verdict.why}`,
    expected: "a key that OpenRouter's auth/key accepts",
    fix: "Choose the other key, or deploy a new one: openclaw-openrouter up --key-file FILE",
  });
}

/** The deployed key, recognised by its fingerprint: the given key, or an earlier version of the secret. */
async function deployedKey(
  { deployment }: DeployContext,
  given: string | undefined,
): Promise<string | undefined> {
  const { fingerprint } = readKeyRecord(deployment.home);
  const known = deployment.instance === sandboxInstance ? sandboxKey(deployment.home) : given;
  if (known && (fingerprint === undefined || keyFingerprint(known) === fingerprint)) return known;
  const reader = await logInTo(deployment, "reader");
  const auditor = await logInTo(deployment, "auditor");
  if (!reader || !auditor) return undefined;
  const { metadata } = await readStoredSecret(auditor);
  const versions = Object.keys(metadata?.versions ?? {})
    .map(Number)
    .sort((a, b) => b - a);
  for (const version of versions) {
    const { key } = (await readKey(reader, version)) ?? {};
    if (key !== undefined && keyFingerprint(key) === fingerprint) return key;
  }
  return undefined;
}
