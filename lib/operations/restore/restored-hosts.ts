import type { ProvedBackup } from "../../backup/prove-backup";
import { hostsIn } from "../../backup/prove-hosts";
import { wrongUsage } from "../../core/errors";
import type { HomePaths } from "../../model/home-paths";
import { inviteAgainFrom } from "../../model/hosts";
import {
  type HostEntry,
  type HostsRecord,
  keysOf,
  readHosts,
  recordEviction,
  writeHosts,
} from "../../store/records/hosts-record";
import type { FoundHost } from "../../vault/hosts/find-hosts";

/** @throws UserError (wrong usage) if a host that is to be evicted is not in the backup's Vault */
export function requireKnownHosts(found: readonly FoundHost[], evict: readonly string[]): void {
  const unknown = evict.filter((name) => !found.some((host) => host.name === name));
  if (unknown.length === 0) return;
  throw wrongUsage({
    problem: `The backup's Vault serves no host ${unknown.join(", ")}. Nothing was changed.`,
    got: `--evict ${evict.join(" ")}`,
    expected:
      found.length > 0
        ? `among ${found.map(({ name }) => name).join(", ")}`
        : "no --evict: it serves no hosts",
  });
}

/**
 * Verifies, for a restore that resumes with its data in place, that these had the evictions applied.
 * @throws UserError (wrong usage) if a host is to be evicted that was not
 */
export function requireEvicted(home: HomePaths, found: readonly FoundHost[], evict: readonly string[]): void {
  const { evicted } = readHosts(home);
  const late = found.filter(
    ({ name, roleId }) => evict.includes(name) && !evicted.some((each) => each.roleId === roleId),
  );
  if (late.length === 0) return;
  const names = late.map(({ name }) => name);
  throw wrongUsage({
    problem: `The backup's data are in place already, with the access of ${names.join(", ")}. Nothing was changed.`,
    got: `--evict ${names.join(" --evict ")}, which the interrupted run did not have`,
    fix: `${names.map((name) => `openclaw-openrouter host evict ${name}`).join("\n")}\nthen run this again without --evict.`,
  });
}

/** Records evictions before the backup's data are restored: they are applied before Vault serves anybody. */
export function recordEvictions(
  home: HomePaths,
  found: readonly FoundHost[],
  evict: readonly string[],
): void {
  const { hosts } = readHosts(home);
  for (const { name, role, roleId, key } of found.filter((each) => evict.includes(each.name))) {
    const known = hosts.find((each) => each.name === name);
    // That of the record is in the previous data, which an undone restore brings back.
    const roleIds = [roleId, known?.roleId].flatMap((each) => each ?? []);
    const keys = [key?.sha256, ...(known ? keysOf(known) : [])].flatMap((each) => each ?? []);
    recordEviction(home, { role, roleIds, keys });
  }
}

/**
 * Records the hosts that the backup's Vault serves and this instance does not know, as those of another Vault: later commands know
 * them then. Not those whose access was taken away since the backup.
 */
export function recordRestoredHosts(
  home: HomePaths,
  { contents, hosts: found }: Pick<ProvedBackup, "contents" | "hosts">,
  evict: readonly string[],
): void {
  const record = hostsIn(contents);
  if (!record) return;
  const { hosts, evicted } = readHosts(home);
  const added = record.hosts.filter(
    ({ name, roleId }) =>
      found.some((each) => each.name === name && each.roleId === roleId) &&
      !hosts.some((each) => each.name === name) &&
      // The key of one that is evicted by this restore is still to be disabled, by its record.
      (evict.includes(name) || !evicted.some((each) => each.roleId === roleId)),
  );
  if (added.length > 0) writeHosts(home, { hosts: [...hosts, ...added], evicted });
}

/**
 * Removes the hosts that came with restored data, when the previous data come back. Those that were invited since stay.
 * @param before the record from before the restore
 */
export function forgetRestoredHosts(home: HomePaths, before: HostsRecord, since: string): void {
  const { hosts, evicted } = readHosts(home);
  const isKnown = ({ name }: HostEntry) => before.hosts.some((each) => each.name === name);
  const kept = hosts.filter((host) => isKnown(host) || host.invited >= since);
  if (kept.length < hosts.length) writeHosts(home, { hosts: kept, evicted });
}

/** What became of this instance's hosts by a restore, a line each. */
export function describeRestoredHosts(
  home: HomePaths,
  found: readonly FoundHost[],
  evict: readonly string[],
): readonly string[] {
  return readHosts(home).hosts.flatMap((host) => {
    const { name, roleId, key } = host;
    if (evict.includes(name))
      return [
        `! The host ${name} is evicted. To disable its key as well: openclaw-openrouter host evict ${name}`,
      ];
    const restored = found.find((each) => each.roleId === roleId);
    if (!restored) return [unknownTo("The backup does", host)];
    if (key && restored.key?.sha256 !== key.sha256) return [...closedInvitation(host), replacedSince(host)];
    return closedInvitation(host);
  });
}

/** What became of the invitations of this instance's hosts by data from a backup, a line each. */
export function describeClosedInvitations(home: HomePaths): readonly string[] {
  return readHosts(home).hosts.flatMap(closedInvitation);
}

function closedInvitation(host: HostEntry): string[] {
  const { name, ends } = host;
  if (ends === undefined || Date.parse(ends) <= Date.now()) return [];
  return [
    `! The invitation of the host ${name} ends now, since a backup cannot tell whether it was used. If it has not joined yet: ${inviteAgainFrom(host)}`,
  ];
}

/**
 * The hosts that the previous data do not know, which a restore was undone to, and those whose key is another one there, a line each.
 * @param since of when these data are
 * @param before the record of hosts of then
 */
export function describeHostsSince(
  home: HomePaths,
  since: string,
  before: HostsRecord | undefined,
): readonly string[] {
  return readHosts(home).hosts.flatMap((host) => {
    if (host.invited >= since) return [unknownTo("The previous data do", host)];
    const { key } = before?.hosts.find(({ name }) => name === host.name) ?? {};
    return key && key.sha256 !== host.key?.sha256 ? [replacedSince(host)] : [];
  });
}

function replacedSince({ name }: HostEntry): string {
  return `! The host ${name} has its key of then, which was replaced since: openclaw-openrouter host rotate ${name}`;
}

function unknownTo(what: string, host: HostEntry): string {
  return `! ${what} not know the host ${host.name}, or its present credential: ${inviteAgainFrom(host)}`;
}
