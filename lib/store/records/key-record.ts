import { z } from "zod";
import { UserError } from "../../core/errors";
import { readJsonIfThere, readTextIfThere } from "../../core/files/files";
import { sha256 } from "../../core/fingerprint";
import { type HomePaths, homePaths } from "../../model/home-paths";
import { keyFingerprint, keysPage, keyVersion, storeKeyResource } from "../../model/openrouter-key";
import { attributesOf, parseState, type State } from "../../model/terraform-state";
import { hostWithKey } from "./hosts-record";
import { dropRemoval } from "./pending-cleanups";
import { defineRecord } from "./record";

export const keyRecord = z.object({
  /** Raised to write the same key once more. */
  generation: z.int().min(0),
  version: z.int().min(0),
  fingerprint: z.string().optional(),
  /** When this key was first stored. */
  since: z.iso.datetime().optional(),
  /** Fingerprints of keys that were rotated away: a stale environment variable must not store one again. */
  retired: z.array(z.string()).default([]),
});
export type KeyRecord = z.output<typeof keyRecord>;
const file = defineRecord("key", keyRecord);

/**
 * The key that was stored last. The version comes from Terraform's state if that is local: a run may have been interrupted
 * after it stored a key and before it wrote this record.
 */
export function readKeyRecord(home: HomePaths): KeyRecord {
  const record = file.read(home) ?? { generation: 0, version: 0, retired: [] };
  return { ...record, version: versionInState(home) ?? record.version };
}

export const writeKeyRecord = file.write;

/** Records a key that was just stored. It can be one that a host had, whose removal is pending, or one that was rotated away. */
export function recordStoredKey(
  home: HomePaths,
  {
    key,
    ...stored
  }: { readonly key: string; readonly version: number; readonly generation: number; readonly since?: string },
): void {
  const record = readKeyRecord(home);
  const fingerprint = keyFingerprint(key);
  const since = record.fingerprint === fingerprint ? record.since : new Date().toISOString();
  const retired = record.retired.filter((each) => each !== fingerprint);
  writeKeyRecord(home, { ...record, fingerprint, ...(since ? { since } : {}), ...stored, retired });
  dropRemoval(home, sha256(key));
}

/** When a key in Vault was first stored: the same key can be written again later, as a version of its own. */
export function keySince(
  home: HomePaths,
  { key, created }: { readonly key: string; readonly created: Date | string },
): Date {
  const { fingerprint, since } = file.read(home) ?? {};
  const version = new Date(created);
  if (!since || fingerprint !== keyFingerprint(key)) return version;
  return new Date(Math.min(version.getTime(), Date.parse(since)));
}

/** The version as the secret has it, and as a step's triggers do: the first one is the key's version. */
const version = z.int().optional();
const triggered = z.object({ value: z.object({ "0": z.coerce.number().int() }) });

function versionInState(home: HomePaths): number | undefined {
  const path = home.state("openrouter");
  // Empty: Terraform was interrupted between locking the file and writing it.
  if (!readTextIfThere(path)) return undefined;
  const state = parseState(readJsonIfThere(path, z.unknown()));
  const [secret] = attributesOf(state, "vault_kv_secret_v2").values();
  if (secret) return version.safeParse(secret.data_json_wo_version).data;
  const isStep = ({ type, name }: State["resources"][number]) =>
    type === "terraform_data" && name === storeKeyResource;
  const instance = state?.resources.find(isStep)?.instances[0];
  // Tainted: the step failed, so it is unknown whether the key was stored.
  if (instance?.status === "tainted") return undefined;
  return triggered.safeParse(instance?.attributes?.triggers_replace).data?.value["0"];
}

/** The generation and version of the key that the declaration names. */
export interface DeclaredKey {
  readonly keyGeneration: number;
  readonly keyVersion: number;
}

/**
 * The key to declare. If no key is given, it is the recorded one, so that a plan needs no key.
 * @param key TF_VAR_openrouter_api_key
 * @throws UserError if the key was rotated away, or is a host's
 */
export function declaredKey(home: string, key: string | undefined): DeclaredKey {
  const paths = homePaths(home);
  const record = readKeyRecord(paths);
  if (!key) return { keyGeneration: record.generation, keyVersion: record.version };
  const fingerprint = keyFingerprint(key);
  const owner = hostWithKey(paths, key);
  if (owner !== undefined) {
    throw new UserError({
      problem: `This OpenRouter key is that of the host ${owner}, which uses this instance's Vault, and is not stored.`,
      got: `the key with fingerprint ${fingerprint}`,
      expected: "a key of this instance alone: an eviction of the host disables the host's",
      fix: `Create one at ${keysPage} with a credit limit.`,
    });
  }
  if (record.retired.includes(fingerprint)) {
    throw new UserError({
      problem: "This OpenRouter key was rotated away and is not stored again.",
      got: `the key with fingerprint ${fingerprint}`,
      expected: record.fingerprint
        ? `the key with fingerprint ${record.fingerprint}, or a new one`
        : "a new key",
      fix: "Unset OPENROUTER_API_KEY and TF_VAR_openrouter_api_key to use the stored key.",
    });
  }
  return { keyGeneration: record.generation, keyVersion: keyVersion(key, record.generation) };
}
