import { z } from "zod";
import { sha256 } from "../../core/fingerprint";
import { hostName } from "../../model/hosts";
import { defineRecord } from "./record";

const key = z.object({
  sha256: z.string(),
  /** The key, shortened by OpenRouter. */
  label: z.string(),
  /** Its id in OpenRouter's API, if a management key made it. */
  hash: z.string().exactOptional(),
  /** The most that it spends in a month, in USD; null: it has no limit. */
  limitUsd: z.number().nullable(),
});
/** What is recorded of a host's key. The key itself is in Vault alone. */
export type HostKey = z.output<typeof key>;

const host = z.object({
  name: hostName,
  role: z.string(),
  keyPath: z.string(),
  /** When it was invited, last. */
  invited: z.iso.datetime(),
  /** When the invitation ends. */
  ends: z.iso.datetime().exactOptional(),
  /** Of the invitation's wrapping token: it ends the token, and cannot use it. */
  accessor: z.string().exactOptional(),
  /** The role's id in Vault. A role that is written again has another one. Missing: the first invitation was interrupted. */
  roleId: z.string().exactOptional(),
  entityId: z.string().exactOptional(),
  /** The addresses that it is bound to, in CIDR notation. */
  addresses: z.array(z.string()),
  key: key.exactOptional(),
  /** The SHA-256 of the keys that it had before: a restore of an older backup brings one back. */
  earlierKeys: z.array(z.string()).exactOptional(),
  /** A key that is about to replace the current one: of an interrupted run, if no run is under way. */
  newKey: z
    .object({
      /** The unique name by which it is found at OpenRouter, if a management key makes it. */
      name: z.string().exactOptional(),
      key: key.exactOptional(),
      /** The time between disabling and removing the current key, in seconds. */
      graceSeconds: z.int(),
    })
    .exactOptional(),
});
export type HostEntry = z.output<typeof host>;

const evicted = z.object({
  role: z.string(),
  roleId: z.string(),
  at: z.iso.datetime(),
  /** The SHA-256 of the keys that the host had. Its secret stays in Vault; one without such a key is somebody else's. */
  keys: z.array(z.string()).exactOptional(),
});
export type Eviction = z.output<typeof evicted>;

const schema = z.object({
  hosts: z.array(host),
  /** Roles that were taken away. They are taken away again from restored data, which can be older. */
  evicted: z.array(evicted),
});
export type HostsRecord = z.output<typeof schema>;
export const hostsRecord = defineRecord("hosts", schema);
type Home = Parameters<typeof hostsRecord.read>[0];

/** The OpenClaw hosts that this instance's Vault serves besides its own, and those that it no longer serves. */
export function readHosts(home: Home): HostsRecord {
  return hostsRecord.read(home) ?? { hosts: [], evicted: [] };
}

export const writeHosts = hostsRecord.write;

/** Adds a host, or replaces the one of its name. */
export function saveHost(home: Home, host: HostEntry): void {
  const { hosts, evicted } = readHosts(home);
  const at = hosts.findIndex(({ name }) => name === host.name);
  writeHosts(home, { hosts: at < 0 ? [...hosts, host] : hosts.with(at, host), evicted });
}

/** The SHA-256 of all keys that a host's secret can hold. */
export function keysOf({
  key,
  newKey,
  earlierKeys = [],
}: Pick<HostEntry, "key" | "newKey" | "earlierKeys">): string[] {
  return [key, newKey?.key].flatMap((each) => each?.sha256 ?? []).concat(earlierKeys);
}

/** The host that has a key, or is about to get it. @returns undefined if none has */
export function hostWithKey(home: Home, key: string, among = readHosts(home).hosts): string | undefined {
  const digest = sha256(key);
  return among.find((host) => [host.key, host.newKey?.key].some((each) => each?.sha256 === digest))?.name;
}

/** Whether a secret at a host's path is this instance's: it stored its key for that host, or for one that it evicted. */
export function isKeyOfHost(home: Home, role: string, key: string | undefined): boolean {
  if (key === undefined) return false;
  const { hosts, evicted } = readHosts(home);
  const known = [
    ...hosts.flatMap((host) => (host.role === role ? keysOf(host) : [])),
    ...evicted.flatMap((each) => (each.role === role ? (each.keys ?? []) : [])),
  ];
  return known.includes(sha256(key));
}

/**
 * Records that these roles are taken away, with the keys of their host.
 * @param roleIds the ids of one role, of which the data that a restore can bring back may have another one each
 */
export function recordEviction(
  home: Home,
  { role, roleIds, keys }: { role: string; roleIds: readonly string[]; keys: readonly string[] },
): void {
  const { hosts, evicted } = readHosts(home);
  const at = new Date().toISOString();
  const isThis = (each: Eviction) => each.role === role && roleIds.includes(each.roleId);
  const known = evicted.filter(isThis).flatMap((each) => each.keys ?? []);
  const all = [...new Set([...known, ...keys])];
  const added = [...new Set(roleIds)].map((roleId) => ({ role, roleId, at, keys: all }));
  if (added.length === 0) return;
  writeHosts(home, { hosts, evicted: [...evicted.filter((each) => !isThis(each)), ...added] });
}

/** Removes a host. Its evictions stay. */
export function removeHost(home: Home, name: string): void {
  const { hosts, evicted } = readHosts(home);
  writeHosts(home, { hosts: hosts.filter((each) => each.name !== name), evicted });
}
