import { UserError } from "../core/errors";
import type { secretMount } from "../model/vault/own-vault";
import { secretApiPath } from "../model/vault/vault-names";
import type { backupMount } from "./backup-mount";
import type { VaultClient } from "./client";
import { type Mount, mountsAnswer, secretAnswer } from "./schemas";

/**
 * Whether there is a key-value store, version 2, at `secret/`.
 * @throws UserError if something else is mounted at `secret/`
 */
export async function hasStore(client: VaultClient): Promise<boolean> {
  const { data } = await client.call({ path: "sys/mounts" }, mountsAnswer);
  return isStore(client, data["secret/"]);
}

/** The same for a mount that was already read. */
export function isStore(client: VaultClient, found: Mount | undefined): boolean {
  if (!found) return false;
  const version = found.options?.version ?? "1";
  if (found.type === "kv" && version === "2") return true;
  throw new UserError({
    problem: `The Vault at ${client.address} has no key-value store of version 2 at secret/. Nothing was changed.`,
    got: found.type === "kv" ? `one of version ${version}` : `a secrets engine ${found.type}`,
    expected: "kv, version 2, as in the setup guide: versions keep what a mistake would overwrite",
    fix:
      found.type === "kv"
        ? "Make sure that all its clients can use the new paths (with data/ in them), then: vault kv enable-versioning secret/"
        : "Move it, and inform the people who use it: vault secrets move secret <another name>",
  });
}

/** Makes a declared mount. */
export function makeMount(
  client: VaultClient,
  { path, ...body }: typeof secretMount | typeof backupMount,
): Promise<void> {
  return client.write(`sys/mounts/${path.replace("/", "")}`, body);
}

/** A version of the secret with the key. */
export interface StoredSecret {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The text in the field `api_key`, exactly as stored. */
  readonly key: string | undefined;
  readonly version: number;
  /** When that version was written, ISO 8601. */
  readonly created: string;
  /** When Vault deletes that version, ISO 8601; empty: never. */
  readonly ends: string;
}

/**
 * Reads a version of the secret with the key. @default the current one
 * @returns undefined if it was never written, or is deleted or destroyed
 */
export async function findSecret(client: VaultClient, version?: number): Promise<StoredSecret | undefined> {
  const path = `${secretApiPath("data", client.keyPath)}${version === undefined ? "" : `?version=${version}`}`;
  const found = (await client.find({ path }, secretAnswer))?.data;
  if (!found?.data) return undefined;
  const { api_key: key } = found.data;
  return {
    fields: found.data,
    key: typeof key === "string" ? key : undefined,
    version: found.metadata.version,
    created: found.metadata.created_time,
    ends: found.metadata.deletion_time,
  };
}
