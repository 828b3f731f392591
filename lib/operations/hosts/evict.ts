import { UserError } from "../../core/errors";
import { minuteOf } from "../../core/time";
import type { Deployment } from "../../model/deployment";
import type { EngineContext } from "../../session/context";
import type { AskAdminToken } from "../../session/external-vault";
import {
  type HostEntry,
  type HostKey,
  isKeyOfHost,
  keysOf,
  readHosts,
  recordEviction,
  removeHost,
} from "../../store/records/hosts-record";
import type { VaultClient } from "../../vault/client";
import { evictHost, purgeHost, roleIdOf } from "../../vault/hosts/evict-host";
import { evictingCapabilities } from "../../vault/identities/capabilities";
import { findSecret } from "../../vault/secret-store";
import { type Account, accountOf, atOpenRouter } from "../key/account";
import { cleanUp } from "../key/clean-up";
import type { CleanupsResult } from "../key/run-pending-cleanups";
import { asAdmin } from "./as-admin";
import { resumeNewKey } from "./host-key";

interface EvictOptions {
  readonly name: string;
  /** Disables the host's key at OpenRouter. @default the key stays, and the result names it */
  readonly managementKey?: string;
  /** Whether the host's secret is removed too. */
  readonly purge: boolean;
  readonly askAdminToken: AskAdminToken;
}

interface Evicted {
  readonly host: HostEntry;
  /** What became of its key: `left` works at OpenRouter until a person disables it. `none`: it never had one. */
  readonly key: "disabled" | "left" | "none";
  /** Its earlier keys, and those of the instance, that are still to be deleted. */
  readonly pendingCleanups: CleanupsResult;
}

/**
 * Takes a host's access to Vault away, and disables its key. The eviction is recorded first, so that an interrupted run resumes
 * and a restore of older data applies it again.
 * @throws UserError if there is no such host
 */
export async function evict(context: EngineContext, options: EvictOptions): Promise<Evicted> {
  const { deployment, phase } = context;
  const { home } = deployment;
  const { name, purge, managementKey, askAdminToken } = options;
  const known = requireHost(deployment, name);
  const needs = evictingCapabilities(known, purge);
  const host = await asAdmin(context, { why: `evict the host ${name}`, askAdminToken, needs }, (admin) =>
    phase("Access", async () => {
      if (purge) await requireOwnSecret(home, known, admin);
      await takeAccessAway(deployment, known, admin);
      const resumed = await resumeNewKey({ deployment, vault: admin.forKey(known.keyPath) }, known);
      if (purge) await purgeHost(admin, known);
      return resumed;
    }),
  );
  const account = await accountOf(context, managementKey);
  const key = host.key ? await disableKey(host.key, account) : "none";
  removeHost(home, name);
  return { host, key, pendingCleanups: await cleanUp(context, account) };
}

/** @throws UserError if the host's path holds a secret that this program did not store: a purge would delete all its versions */
async function requireOwnSecret(
  home: Deployment["home"],
  { name, role, keyPath }: HostEntry,
  admin: VaultClient,
): Promise<void> {
  const secret = await findSecret(admin.forKey(keyPath));
  if (!secret || isKeyOfHost(home, role, secret.key)) return;
  throw new UserError({
    problem: `The secret at ${keyPath} is not what this instance stored for the host. Nothing was changed.`,
    got: `version ${secret.version}, written ${minuteOf(secret.created)}, with another key or none`,
    expected: "the host's key",
    fix: `openclaw-openrouter host evict ${name}\nwithout --purge, which leaves the secret. If nobody uses it: vault kv metadata delete ${keyPath}`,
  });
}

/** Takes a host's access away from Vault, now and, by its record, from restored data. */
export async function takeAccessAway(
  { home }: Deployment,
  host: Pick<HostEntry, "role" | "roleId" | "accessor" | "key" | "newKey" | "earlierKeys">,
  admin: VaultClient,
): Promise<void> {
  const { role } = host;
  const present = await roleIdOf(admin, role);
  // After a restore Vault can have another role of that name, or none. That of the record is in the previous data and in backups.
  const roleIds = [present, host.roleId].flatMap((each) => each ?? []);
  recordEviction(home, { role, roleIds, keys: keysOf(host) });
  await evictHost(admin, host);
}

/** A key that a person gave is in the management key's account too, or in another one. */
async function disableKey(key: HostKey, account: Account | undefined): Promise<Evicted["key"]> {
  if (!account) return "left";
  return atOpenRouter(
    "The host has no access to Vault any more, but its key could not be disabled.",
    async () => {
      const found = await account.keys.findExactly(key);
      if (!found) return "left";
      await account.manager.change(found.item.hash, { disabled: true });
      return "disabled";
    },
  );
}

/** @throws UserError if this instance's Vault serves no host of that name */
export function requireHost({ home }: Deployment, name: string): HostEntry {
  const { hosts } = readHosts(home);
  const host = hosts.find((each) => each.name === name);
  if (host) return host;
  throw new UserError({
    problem: `This instance's Vault serves no host ${name}.`,
    got: hosts.length > 0 ? `the hosts ${hosts.map((each) => each.name).join(", ")}` : "no hosts",
    fix: "openclaw-openrouter host list",
  });
}
