import { execFileSync } from "node:child_process";
import { attempt } from "../core/attempt";
import { readOrEmpty } from "../core/files/files";
import { processIds, statusOf } from "../core/system/live-process";
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
  return [...new Set([account.gid, ...loginGroups(account), ...groupsOfProcesses(account)])];
}

/** The groups of a login, from `id`, which also knows the groups of a directory service. */
function loginGroups({ name }: Account): number[] {
  const told = attempt(() => ask("id", ["-G", "--", name]));
  if (told !== undefined) return told.trim().split(/\s+/).map(Number);
  return groupLines().flatMap(({ gid, members }) => (members.includes(name) ? [gid] : []));
}

function groupsOfProcesses({ uid }: Account): number[] {
  return processIds().flatMap((pid) => {
    const [[real] = [], ...groups] = statusOf(pid, "Uid", "Gid", "Groups");
    return real === uid ? groups.flat() : [];
  });
}

/** The group with a name or number. @param key the name or number */
export function groupOf(key: string | number): Group | undefined {
  const line = lineOfGroup(String(key));
  return line && { name: line.name, gid: line.gid };
}

interface GroupLine extends Group {
  readonly members: readonly string[];
}

function lineOfGroup(key: string): GroupLine | undefined {
  const told = attempt(() => ask("getent", ["group", "--", key]));
  if (told !== undefined) return parse(told);
  return groupLines().find(({ name, gid }) => name === key || String(gid) === key);
}

function groupLines(): GroupLine[] {
  return readOrEmpty("/etc/group")
    .split("\n")
    .flatMap((line) => parse(line) ?? []);
}

function parse(text: string): GroupLine | undefined {
  const [name, , gid, members] = text.trim().split(":");
  if (!name || !gid || members === undefined) return undefined;
  return { name, gid: Number(gid), members: members.split(",").filter(Boolean) };
}

function ask(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 5000,
  });
}
