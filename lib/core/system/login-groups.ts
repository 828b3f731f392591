import { attempt } from "../attempt";
import { readOrEmpty } from "../files/files";
import { askSystem } from "./ask-system";

/** A line of group(5). */
interface GroupLine {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const known = new Map<string, readonly number[]>();

/**
 * The numbers of the groups of a user's login, from `id`, which also knows those of a directory service; none for a user without a
 * name on this host. Asked once a run.
 */
export function loginGroups(name: string): readonly number[] {
  const groups = known.get(name) ?? lookUp(name);
  known.set(name, groups);
  return groups;
}

function lookUp(name: string): readonly number[] {
  const told = attempt(() => askSystem("id", "-G", "--", name));
  if (told !== undefined) return told.trim().split(/\s+/).map(Number);
  return groupLines().flatMap(({ gid, members }) => (members.includes(name) ? [gid] : []));
}

/** The group with a name or number, also of a directory service. @param key the name or number */
export function groupLine(key: string): GroupLine | undefined {
  const told = attempt(() => askSystem("getent", "group", "--", key));
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
