import { z } from "zod";
import { UserError } from "../core/errors";
import { readJsonIfThere, readTextIfThere, writeJsonIfChanged } from "../core/files/files";
import { type HomePaths, homePaths } from "../model/home-paths";
import { keyFingerprint, keyVersion, storeKeyResource } from "../model/openrouter-key";

export const keyRecord = z.object({
  /** Raised to have the same key written once more. */
  generation: z.int().min(0),
  version: z.int().min(0),
  fingerprint: z.string().optional(),
  /** When that key was stored first. */
  since: z.iso.datetime().optional(),
  /** Fingerprints of keys that were rotated away: a stale variable must not bring one back. */
  retired: z.array(z.string()).default([]),
});
export type KeyRecord = z.output<typeof keyRecord>;

/**
 * Which key was stored last. The version is Terraform's own where its state lies here: a run may have been interrupted between
 * storing a key and writing this record.
 */
export function readKeyRecord(home: HomePaths): KeyRecord {
  const record = readJsonIfThere(home.key, keyRecord) ?? { generation: 0, version: 0, retired: [] };
  return { ...record, version: versionInState(home) ?? record.version };
}

export function writeKeyRecord(home: HomePaths, record: KeyRecord): void {
  writeJsonIfChanged(home.key, record);
}

/** Remembers a key that was just stored. */
export function recordStoredKey(
  home: HomePaths,
  { key, ...stored }: { readonly key: string; readonly version: number; readonly generation: number },
): void {
  const record = readKeyRecord(home);
  const fingerprint = keyFingerprint(key);
  const since = record.fingerprint === fingerprint ? record.since : new Date().toISOString();
  writeKeyRecord(home, { ...record, ...stored, fingerprint, ...(since ? { since } : {}) });
}

const state = z.object({
  resources: z.array(
    z.object({
      type: z.string(),
      name: z.string().optional(),
      instances: z.array(
        z.object({
          status: z.string().optional(),
          attributes: z
            .object({
              data_json_wo_version: z.int().optional(),
              triggers_replace: z.object({ value: z.unknown() }).nullish().catch(undefined),
            })
            .nullish(),
        }),
      ),
    }),
  ),
});

/** A step's triggers as the state has them: the first one is the key's version. */
const triggered = z.object({ "0": z.coerce.number().int() });

function versionInState(home: HomePaths): number | undefined {
  const path = home.state("openrouter");
  // Empty: Terraform was interrupted between locking the file and writing it.
  if (!readTextIfThere(path)) return undefined;
  const resources = state.safeParse(readJsonIfThere(path, z.unknown())).data?.resources ?? [];
  const secret = resources.find(({ type }) => type === "vault_kv_secret_v2");
  if (secret) return secret.instances[0]?.attributes?.data_json_wo_version;
  const step = resources.find(({ type, name }) => type === "terraform_data" && name === storeKeyResource);
  const instance = step?.instances[0];
  // Tainted: the step failed, so nobody knows whether the key was stored.
  return instance?.status === "tainted"
    ? undefined
    : triggered.safeParse(instance?.attributes?.triggers_replace?.value).data?.["0"];
}

/** Which version of which generation the declaration names. */
export interface DeclaredKey {
  readonly keyGeneration: number;
  readonly keyVersion: number;
}

/**
 * The declared key. Without a key at hand the recorded one is declared again, so that a plan needs no key.
 * @param key TF_VAR_openrouter_api_key
 * @throws UserError where the key was rotated away
 */
export function declaredKey(home: string, key: string | undefined): DeclaredKey {
  const record = readKeyRecord(homePaths(home));
  if (!key) return { keyGeneration: record.generation, keyVersion: record.version };
  const fingerprint = keyFingerprint(key);
  if (record.retired.includes(fingerprint)) {
    throw new UserError({
      problem: "This OpenRouter key was rotated away and is not stored again.",
      got: `the key with fingerprint ${fingerprint}`,
      expected: record.fingerprint
        ? `the key with fingerprint ${record.fingerprint}, or a new one`
        : "a new key",
      fix: "Unset OPENROUTER_API_KEY and TF_VAR_openrouter_api_key to go on with the stored key.",
    });
  }
  return { keyGeneration: record.generation, keyVersion: keyVersion(key, record.generation) };
}
