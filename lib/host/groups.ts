import { processIds, statusOf } from "../core/system/live-process";
import { groupLine, loginGroups } from "../core/system/login-groups";
import type { Account } from "../core/system/os-user";

/** A group of this host. */
interface Group {
  readonly name: string;
  readonly gid: number;
}

/**
 * Every group with which a user has access: the groups of a login and the groups of the user's running processes, since a
 * service may have more (`SupplementaryGroups=`) and a process keeps a group that its user has left.
 */
export function groupsOf(account: Account): number[] {
  return [...new Set([account.gid, ...loginGroups(account.name), ...groupsOfProcesses(account)])];
}

function groupsOfProcesses({ uid }: Account): number[] {
  return processIds().flatMap((pid) => {
    const [[real] = [], ...groups] = statusOf(pid, "Uid", "Gid", "Groups");
    return real === uid ? groups.flat() : [];
  });
}

/** The group with a name or number. @param key the name or number */
export function groupOf(key: string | number): Group | undefined {
  const line = groupLine(String(key));
  return line && { name: line.name, gid: line.gid };
}
