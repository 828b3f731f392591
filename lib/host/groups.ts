import { processIds, statusOf } from "../core/system/live-process";
import { type Account, groupsOfLogin } from "../core/system/os-user";

/**
 * Every group with which a user has access: the groups of a login and the groups of the user's running processes, since a
 * service may have more (`SupplementaryGroups=`) and a process keeps a group that its user has left.
 */
export function groupsOf(account: Account): number[] {
  return [...new Set([...groupsOfLogin(account), ...groupsOfProcesses(account)])];
}

function groupsOfProcesses({ uid }: Account): number[] {
  return processIds().flatMap((pid) => {
    const [[real] = [], ...groups] = statusOf(pid, "Uid", "Gid", "Groups");
    return real === uid ? groups.flat() : [];
  });
}
