import { UserError } from "../core/errors";
import type { HomePaths } from "../model/home-paths";
import { inspectKey, keyFingerprint, keyPreview, keyVersion } from "../model/openrouter-key";
import { type DeclaredKey, declaredKey, type KeyRecord, readKeyRecord } from "../store/records/key-record";
import type { StoredKey } from "./read-stored-key";

/** Whether OpenRouter accepts a key. `refused`: OpenRouter rejects the key itself; else the test failed. */
export type KeyVerdict =
  | { readonly works: true }
  | { readonly works: false; readonly refused: boolean; readonly why: string };

export interface ChooseKeyProps {
  readonly home: HomePaths;
  /** The key given to this run. */
  readonly given: string | undefined;
  readonly stored: StoredKey | undefined;
  /** Whether the stored key counts as unmanaged if no key is recorded. @default it counts as managed */
  readonly isForeign?: boolean;
  /** Asks OpenRouter's `auth/key`. */
  readonly test: (key: string) => Promise<KeyVerdict>;
  /** Asks whether the given key replaces a working key that was stored manually. */
  readonly replaceWorkingKey: (question: string) => Promise<boolean>;
}

/** The key that the declaration names, and the key that this run passes to Terraform. */
export interface ChosenKey extends DeclaredKey {
  /** For TF_VAR_openrouter_api_key; undefined: the stored key stays. */
  readonly key: string | undefined;
}

/**
 * Decides which key is declared. A given key that differs from the stored one is tested before anything changes.
 * @throws UserError if OpenRouter refuses the key, or if a working, manually stored key is kept
 */
export async function chooseKey(props: ChooseKeyProps): Promise<ChosenKey> {
  const { home, given, stored } = props;
  const declared = declaredKey(home.root, given);
  if (!given) return { ...declared, key: undefined };
  const record = readKeyRecord(home);
  if (stored?.key === given) return { ...declared, key: given };

  await requireUsable(given, stored, props.test);
  if (stored?.key && (await isKeptByHand(given, stored.key, record, props))) {
    throw new UserError({
      problem: "The key in Vault was stored by hand, works, and stays. Nothing was changed.",
      got: `stored ${keyPreview(stored.key)}…, given ${keyPreview(given)}…`,
      fix: "To use the stored key, run this command without a key; to replace it, add --replace-key.",
    });
  }
  const keyGeneration = generationThatWrites(given, record);
  return { key: given, keyGeneration, keyVersion: keyVersion(given, keyGeneration) };
}

/**
 * The generation under which the provider writes the key. It writes only if the version changes, so the same key needs the next
 * generation.
 */
export function generationThatWrites(key: string, record: KeyRecord): number {
  const { generation, version } = record;
  return keyVersion(key, generation) === version ? generation + 1 : generation;
}

async function requireUsable(
  given: string,
  stored: StoredKey | undefined,
  test: ChooseKeyProps["test"],
): Promise<void> {
  const verdict = await test(given);
  if (verdict.works) return;
  // If no key is stored, there is nothing to lose, and the network can be up when OpenClaw runs.
  if (!verdict.refused && !stored?.key) return;
  throw new UserError({
    problem: verdict.refused
      ? "OpenRouter refuses this key, so it is not stored."
      : "The new key could not be tested at OpenRouter, so the stored one stays.",
    got: `${keyPreview(given)}…: ${verdict.why}`,
    expected: "an ordinary key that OpenRouter's auth/key accepts",
    fix: verdict.refused
      ? "Invalid API key: it may be miscopied or expired, or be a management key. Generate an ordinary one at openrouter.ai under Keys."
      : "Run this command again when OpenRouter can be reached, or without a key.",
  });
}

async function isKeptByHand(
  given: string,
  stored: string,
  record: KeyRecord,
  props: ChooseKeyProps,
): Promise<boolean> {
  const isOurs =
    record.fingerprint === undefined ? !props.isForeign : record.fingerprint === keyFingerprint(stored);
  if (isOurs) return false;
  // With spaces or line breaks around it, a call that trims it can succeed, and OpenClaw's can fail.
  if ("reason" in inspectKey(stored)) return false;
  if (!(await props.test(stored)).works) return false;
  return !(await props.replaceWorkingKey(
    `The key in Vault (${keyPreview(stored)}…) was stored by hand and works. Replace it by the given one (${keyPreview(given)}…)?`,
  ));
}
