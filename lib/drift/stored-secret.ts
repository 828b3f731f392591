import { z } from "zod";
import { keyFingerprint } from "../model/openrouter-key";
import { secretApiPath } from "../model/vault/vault-names";
import type { VaultClient } from "../vault/client";
import { findSecret } from "../vault/secret-store";

const version = z.object({ created_time: z.string(), deletion_time: z.string(), destroyed: z.boolean() });
const metadataAnswer = z.object({
  data: z.object({
    current_version: z.int(),
    updated_time: z.string(),
    cas_required: z.boolean(),
    delete_version_after: z.string(),
    max_versions: z.int(),
    custom_metadata: z.record(z.string(), z.unknown()).nullish(),
    versions: z.record(z.string(), version),
  }),
});
export type SecretMetadata = z.output<typeof metadataAnswer>["data"];

/** Vault's defaults for versions of a secret or mount: keep ten, delete none by age, accept every write. */
export const unreportedVersions = {
  delete_version_after: "0s",
  max_versions: 0,
  cas_required: false,
} as const;

/** The content of the secret with the key. The key itself is only for calls to OpenRouter. */
export interface StoredSecret {
  /** Undefined if there is no such secret. */
  readonly metadata: SecretMetadata | undefined;
  /** The key in the current version; undefined if that is deleted, destroyed or has no text in `api_key`. */
  readonly key: string | undefined;
  readonly fingerprint: string | undefined;
  /** The names of the current version's fields. */
  readonly fields: readonly string[];
}

/** The metadata of the secret with the key, and of its versions; undefined if there is no such secret. */
export async function readMetadata(auditor: VaultClient): Promise<SecretMetadata | undefined> {
  return (await auditor.find({ path: secretApiPath("metadata", auditor.keyPath) }, metadataAnswer))?.data;
}

/** Whether the current version was deleted or destroyed, and since when. */
export function lostVersion({ current_version, versions, updated_time }: SecretMetadata) {
  const version = versions[current_version];
  if (version?.destroyed) return { how: "destroyed", since: updated_time } as const;
  const { deletion_time: end = "" } = version ?? {};
  return end !== "" && Date.parse(end) <= Date.now() ? ({ how: "deleted", since: end } as const) : undefined;
}

/** @param auditor can read the secret and its metadata, and change neither */
export async function readStoredSecret(auditor: VaultClient): Promise<StoredSecret> {
  const [metadata, found] = await Promise.all([readMetadata(auditor), findSecret(auditor)]);
  return {
    metadata,
    key: found?.key,
    fingerprint: found?.key === undefined ? undefined : keyFingerprint(found.key),
    fields: Object.keys(found?.fields ?? {}).sort(),
  };
}
