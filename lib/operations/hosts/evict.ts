import { UserError } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import type { EngineContext } from "../../session/context";
import type { AskAdminToken } from "../../session/external-vault";
import { type HostEntry, readHosts, writeHosts } from "../../store/records/hosts-record";
import type { VaultClient } from "../../vault/client";
import { evictHost, purgeHost, roleIdOf } from "../../vault/hosts/evict-host";
import { atOpenRouter, openAccount } from "../key/account";
import { asAdmin } from "./as-admin";

export interface EvictOptions {
  readonly name: string;
  /** Disables the host's key at OpenRouter. @default the key stays, and the result names it */
  readonly managementKey?: string;
  /** Whether the host's secret is removed too. */
  readonly purge: boolean;
  readonly askAdminToken: AskAdminToken;
}

/** What became of a host's key: `left` works at OpenRouter until a person disables it. */
export interface Evicted {
  readonly host: HostEntry;
  readonly key: "disabled" | "left";
}

/**
 * Takes a host's access to Vault away, and disables its key. The eviction is recorded first, so that an interrupted run resumes
 * and a restore of older data applies it again.
 * @throws UserError if there is no such host
 */
export async function evict(context: EngineContext, options: EvictOptions): Promise<Evicted> {
  const { deployment, phase, signal } = context;
  const { home } = deployment;
  const { name, purge, managementKey, askAdminToken } = options;
  const host = requireHost(deployment, name);
  await asAdmin(context, { why: `evict the host ${name}`, askAdminToken }, (admin) =>
    phase("Access", async () => {
      await recordEviction(deployment, host, admin);
      await evictHost(admin, host);
      if (purge) await purgeHost(admin, host);
    }),
  );
  const key =
    managementKey === undefined ? "left" : await disableKey(deployment, host, managementKey, signal);
  const { hosts, evicted } = readHosts(home);
  writeHosts(home, { hosts: hosts.filter((each) => each.name !== name), evicted });
  return { host, key };
}

async function recordEviction({ home }: Deployment, { role }: HostEntry, admin: VaultClient): Promise<void> {
  const roleId = await roleIdOf(admin, role);
  const { hosts, evicted } = readHosts(home);
  if (roleId === undefined || evicted.some((each) => each.roleId === roleId)) return;
  writeHosts(home, { hosts, evicted: [...evicted, { role, roleId, at: new Date().toISOString() }] });
}

async function disableKey(
  deployment: Deployment,
  { key }: HostEntry,
  managementKey: string,
  signal: AbortSignal,
): Promise<Evicted["key"]> {
  if (!key) return "left";
  const { manager } = await openAccount(deployment, managementKey, signal);
  await atOpenRouter("The host has no access to Vault any more, but its key could not be disabled.", () =>
    manager.change(key.hash, { disabled: true }),
  );
  return "disabled";
}

function requireHost({ home }: Deployment, name: string): HostEntry {
  const { hosts } = readHosts(home);
  const host = hosts.find((each) => each.name === name);
  if (host) return host;
  throw new UserError({
    problem: `This instance's Vault serves no host ${name}.`,
    got: hosts.length > 0 ? `the hosts ${hosts.map((each) => each.name).join(", ")}` : "no hosts",
    fix: "openclaw-openrouter host list",
  });
}
