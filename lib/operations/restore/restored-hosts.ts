import { wrongUsage } from "../../core/errors";
import type { HomePaths } from "../../model/home-paths";
import { keysOf, readHosts, recordEviction } from "../../store/records/hosts-record";
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
  for (const { name, role, roleId, keySha256 } of found.filter((each) => evict.includes(each.name))) {
    const known = hosts.find((each) => each.name === name);
    // That of the record is in the previous data, which an undone restore brings back.
    const roleIds = [roleId, known?.roleId].flatMap((each) => each ?? []);
    const keys = [keySha256, ...(known ? keysOf(known) : [])].flatMap((each) => each ?? []);
    recordEviction(home, { role, roleIds, keys });
  }
}

/** What became of this instance's hosts by a restore, a line each. */
export function describeRestoredHosts(
  home: HomePaths,
  found: readonly FoundHost[],
  evict: readonly string[],
): readonly string[] {
  const { hosts } = readHosts(home);
  return hosts.flatMap(({ name, roleId, key }) => {
    if (evict.includes(name))
      return [
        `! The host ${name} is evicted. To disable its key as well: openclaw-openrouter host evict ${name}`,
      ];
    const restored = found.find((host) => host.roleId === roleId);
    if (!restored)
      return [
        `! The backup does not know the host ${name}, or its present credential: openclaw-openrouter host invite ${name} --again --address ADDRESS`,
      ];
    if (key && restored.keySha256 !== key.sha256)
      return [
        `! The host ${name} has its key of then, which was replaced since: openclaw-openrouter host rotate ${name}`,
      ];
    return [];
  });
}
