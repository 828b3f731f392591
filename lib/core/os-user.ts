import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { UserError } from "./errors";

/** A user of this host. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/**
 * A user of this host.
 * @param name @default who runs this program
 * @throws UserError where there is no such user
 */
export function accountOf(name?: string): Account {
  if (name === undefined) {
    const { username, uid, gid, homedir } = userInfo();
    return { name: username, uid, gid, home: homedir };
  }
  const found = parseAccount(passwd(name));
  if (found?.name === name) return found;
  throw new UserError({
    problem: `There is no user ${name} on this host.`,
    expected: "a user by name, as `getent passwd` lists them",
    fix: "Change `openclaw.user` in the settings, or leave it out where OpenClaw is run by you.",
  });
}

/** The user of a number; undefined if this host has none. */
export function accountOfUid(uid: number): Account | undefined {
  const found = parseAccount(passwd(String(uid)));
  return found?.uid === uid ? found : undefined;
}

/** The users of this host, as far as they can be listed. */
export function accounts(): Account[] {
  return passwd()
    .split("\n")
    .flatMap((line) => parseAccount(line) ?? []);
}

/**
 * Lines of passwd(5). `getent` knows the users of a directory service as well.
 * @param key a name or number @default all that are listed
 */
function passwd(key?: string): string {
  try {
    const args = key === undefined ? [] : ["--", key];
    return execFileSync("getent", ["passwd", ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch {
    const lines = readFileSync("/etc/passwd", "utf8").split("\n");
    if (key === undefined) return lines.join("\n");
    return lines.find((line) => [line.split(":")[0], line.split(":")[2]].includes(key)) ?? "";
  }
}

function parseAccount(line: string): Account | undefined {
  const [name, , uid, gid, , home] = line.trim().split(":");
  if (!name || !uid || !gid || !home?.startsWith("/")) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home };
}

/**
 * Does something with files as a user, by that user's own rights: what is made is the user's, and no link that the user
 * laid leads root to a place that the user could not reach.
 * @param groups all of the user's groups that count @default the primary one
 * @throws UserError where this is another user and not root
 */
export function actAs<T>(account: Account, work: () => T, groups: readonly number[] = [account.gid]): T {
  if (process.geteuid?.() === account.uid) return work();
  if (process.geteuid?.() !== 0) {
    throw new UserError({
      problem: `OpenClaw is run by ${account.name}, whose files only that user or root can place.`,
      got: `run as ${userInfo().username}`,
      fix: `Run this as root or as ${account.name}, or change \`openclaw.user\` in the settings.`,
    });
  }
  const own = process.getgroups?.() ?? [];
  const gid = process.getegid?.() ?? 0;
  try {
    process.setgroups?.([...groups]);
    process.setegid?.(account.gid);
    process.seteuid?.(account.uid);
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(gid);
    process.setgroups?.(own);
  }
}

/** Within {@link actAs}: does one thing by root's rights, on a handle that the user's own rights have led to. */
export function actAsRoot<T>(work: () => T): T {
  const uid = process.geteuid?.() ?? 0;
  process.seteuid?.(0);
  try {
    return work();
  } finally {
    process.seteuid?.(uid);
  }
}
