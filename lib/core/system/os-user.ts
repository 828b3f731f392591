import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { attempt } from "../attempt";
import { UserError } from "../errors";
import { askSystem } from "./ask-system";
import { loginGroups } from "./login-groups";

/** A user of this host. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/**
 * The account of a user of this host. @param name or `uid:gid` for a user of a container @default the user who runs this program
 * @throws UserError if there is no such user
 */
export function accountOf(name?: string): Account {
  if (name === undefined) return thisAccount();
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(name) ?? [];
  if (uid !== undefined && gid !== undefined)
    return { name: `uid ${uid}`, uid: Number(uid), gid: Number(gid), home: "/" };
  const found = parseAccount(passwd(name));
  if (found?.name === name) return found;
  throw new UserError({
    problem: `There is no user ${name} on this host.`,
    expected: "a user by name, as `getent passwd` lists them",
    fix: "Change `openclaw.user` in the settings, or remove it if you run OpenClaw yourself.",
  });
}

/** A uid can have no name, as in a container that is started with one: then its number stands for it. */
function thisAccount(): Account {
  const known = attempt(() => userInfo());
  if (known) return { name: known.username, uid: known.uid, gid: known.gid, home: known.homedir };
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return { name: String(uid), uid, gid, home: process.env.HOME || "/" };
}

/** The account with a uid; undefined if this host has none. */
export function accountOfUid(uid: number): Account | undefined {
  const found = parseAccount(passwd(String(uid)));
  return found?.uid === uid ? found : undefined;
}

/** All users of this host that can be listed. */
export function accounts(): Account[] {
  return passwd()
    .split("\n")
    .flatMap((line) => parseAccount(line) ?? []);
}

/**
 * Reads lines of passwd(5). `getent` also lists the users of a directory service.
 * @param key a name or uid @default all users
 */
function passwd(key?: string): string {
  const told = attempt(() => askSystem("getent", "passwd", ...(key === undefined ? [] : ["--", key])));
  if (told !== undefined) return told;
  const all = readFileSync("/etc/passwd", "utf8");
  if (key === undefined) return all;
  return all.split("\n").find((line) => [line.split(":")[0], line.split(":")[2]].includes(key)) ?? "";
}

function parseAccount(line: string): Account | undefined {
  const [name, , uid, gid, , home] = line.trim().split(":");
  if (!name || !uid || !gid || !home?.startsWith("/")) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home };
}

/**
 * Runs file operations with a user's own rights: new files belong to the user, and no link of the user leads root to a place
 * that the user cannot reach.
 * @param groups the user's groups to use @default those of a login
 * @throws UserError if the program runs as another user who is not root, or this Node cannot change its user
 */
export function actAs<T>(account: Account, work: () => T, groups?: readonly number[]): T {
  if (process.geteuid?.() === account.uid) return work();
  if (process.geteuid?.() !== 0) {
    throw new UserError({
      problem: `${account.name} runs OpenClaw: only that user or root can place its files.`,
      got: `run as ${thisAccount().name}`,
      fix: `Run this as root or as ${account.name}, or change \`openclaw.user\` in the settings.`,
    });
  }
  requireChangeableUser(account);
  const theirs = groups ?? groupsOfLogin(account);
  const own = process.getgroups?.() ?? [];
  const gid = process.getegid?.() ?? 0;
  try {
    process.setgroups?.([...theirs]);
    process.setegid?.(account.gid);
    process.seteuid?.(account.uid);
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(gid);
    process.setgroups?.(own);
  }
}

/** The numbers of all groups with which a login of the user has access, the primary one first. */
export function groupsOfLogin({ name, gid }: Account): readonly number[] {
  return [...new Set([gid, ...loginGroups(name)])];
}

/** Node 20.19 refuses every change of user if it is linked with a separate libuv, as Debian 13's is (CVE-2024-22017). */
function requireChangeableUser({ name }: Account): void {
  try {
    process.seteuid?.(0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_INVALID_STATE") throw error;
    const { node, uv } = process.versions;
    throw new UserError({
      problem: `This Node cannot act as ${name}, and root must not work in that user's folders with its own rights.`,
      got: `Node ${node} with libuv ${uv}, at ${process.execPath}`,
      expected: "a Node with a libuv of its own, such as nodejs.org's and NodeSource's",
      fix: `Run this with such a Node, or as ${name}.`,
    });
  }
}

/** Runs one operation with root's rights within {@link actAs}, on a handle that was opened with the user's rights. */
export function actAsRoot<T>(work: () => T): T {
  const uid = process.geteuid?.() ?? 0;
  process.seteuid?.(0);
  try {
    return work();
  } finally {
    process.seteuid?.(uid);
  }
}
