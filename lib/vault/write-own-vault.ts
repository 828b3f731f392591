import { z } from "zod";
import { approleMount, auditDevice, auditedHeaders, secretMount } from "../model/vault/own-vault";
import { backupMount } from "./backup-mount";
import type { VaultClient } from "./client";
import {
  approlePath,
  auditAnswer,
  auditPath,
  compareAuditDevice,
  compareTokens,
  compareTuning,
  isUndone,
  secretPath,
  tokenPath,
  tuningBack,
} from "./compare-mounts";
import { type Mount, mountsAnswer } from "./schemas";
import { isStore, makeMount } from "./secret-store";

/**
 * Writes the audit device, the mount `secret/` with its tuning, the auth method AppRole and how long tokens can last as declared,
 * with a root token.
 * Existing ones that were changed are restored; stored data stays.
 * @throws UserError if something else is mounted at `secret/`
 */
export async function writeOwnVault(root: VaultClient): Promise<void> {
  const { data: mounts } = await root.call({ path: "sys/mounts" }, mountsAnswer);
  const store = isStore(root, mounts[secretPath]) ? mounts[secretPath] : undefined;
  const backups = mounts[backupMount.path];
  // First, so that everything after it is audited; and alone, since Vault refuses calls while it enables an audit device.
  await writeAuditDevice(root);
  await Promise.all([
    store ? tune(root, "sys/mounts/secret/tune", store, secretMount) : makeMount(root, secretMount),
    writeAuthMethods(root),
    backups ? tune(root, "sys/mounts/openclaw/tune", backups, backupMount) : makeMount(root, backupMount),
    resetAuditedHeaders(root),
    root.remove(corsPath),
    removeWebHeaders(root),
  ]);
}

async function writeAuditDevice(root: VaultClient): Promise<void> {
  const path = `sys/audit/${auditDevice.path}`;
  const now = (await root.call({ path: "sys/audit" }, auditAnswer)).data?.[auditPath];
  if (now && !compareAuditDevice(now)) return;
  if (now) await root.remove(path);
  const { type, description, options } = auditDevice;
  await root.write(path, { type, description, options });
}

async function writeAuthMethods(root: VaultClient): Promise<void> {
  const { data } = await root.call({ path: "sys/auth" }, mountsAnswer);
  await tune(root, "sys/auth/approle/tune", data[approlePath], approleMount);
  const tokens = data[tokenPath];
  await restore(root, "sys/auth/token/tune", tokens ? compareTokens(tokens) : []);
}

async function tune(
  root: VaultClient,
  path: string,
  now: Mount | undefined,
  declared: { readonly description: string },
): Promise<void> {
  await restore(root, path, now ? compareTuning(now, declared).filter(isUndone) : []);
}

async function restore(
  root: VaultClient,
  path: string,
  differences: ReturnType<typeof compareTokens>,
): Promise<void> {
  if (differences.length > 0) await root.write(path, tuningBack(differences));
}

export const auditedHeadersPath = "sys/config/auditing/request-headers";
export const corsPath = "sys/config/cors";

/** The headers of Vault's web pages that replace its own, such as its content security policy. */
export const webHeadersPath = "sys/config/ui/headers";

async function removeWebHeaders(root: VaultClient): Promise<void> {
  for (const name of await root.list(webHeadersPath)) await root.remove(`${webHeadersPath}/${name}`);
}

/** GET sys/config/auditing/request-headers */
export const auditedHeadersAnswer = z.object({
  data: z.object({ headers: z.record(z.string(), z.object({ hmac: z.boolean() })).nullish() }),
});

/** An added header appears in the audit log, possibly in plain text, even the token's header. */
async function resetAuditedHeaders(root: VaultClient): Promise<void> {
  const { data } = await root.call({ path: auditedHeadersPath }, auditedHeadersAnswer);
  const added = Object.keys(data.headers ?? {}).filter((name) => !auditedHeaders.includes(name));
  for (const name of added) await root.remove(`${auditedHeadersPath}/${name}`);
}
