import { existsSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt } from "../attempt";
import { once } from "../once";
import { pidNamespace, processStart } from "../system/live-process";
import { firstEntries } from "./entries";
import { exchangeableOnTheWay } from "./trusted-path";

const prefix = "openclaw-openrouter-";

/** The variables by which Node finds the folder for temporary files; other programs read the first one. */
const variables = ["TMPDIR", "TMP", "TEMP"];

/**
 * Has this process and its children use the system's temporary folder if that of the environment is gone, or if another user could
 * replace what is put there: plans, sockets on which credentials pass, and unpacked backups. The first is so with libpam-tmpdir
 * after a reboot, for a schedule that runs before its user logs in; the second with `su` and `sudo -E`, which keep a user's own.
 * @returns what is ignored and why, for messages
 */
export function forgetUnusableTmpdir(environment: NodeJS.ProcessEnv = process.env): string[] {
  return variables.flatMap((name) => {
    const folder = environment[name];
    const reason = folder && whyUnusable(folder);
    if (!reason) return [];
    delete environment[name];
    return [`${name} names ${folder}, ${reason}`];
  });
}

function whyUnusable(folder: string): string | undefined {
  if (!existsSync(folder)) return "which is missing";
  const found = exchangeableOnTheWay(folder);
  return found && `where another user could replace files, by way of ${found.path}, which ${found.why}`;
}

/**
 * Runs work with a new temporary folder that only this user can read, and removes it afterwards.
 * @param purpose a word for its name
 */
export function withTemporaryFolder<T>(purpose: string, work: (folder: string) => Promise<T>): Promise<T> {
  return within(tmpdir(), purpose, work);
}

/**
 * The longest path of a folder for sockets, in characters: a socket's own path has at most 107, and a provider of Terraform's
 * that gets a longer one does not start.
 */
const longestForSockets = 30;

/** The folder in which programs can make sockets: TMPDIR, unless its path is too long. */
export function socketsParent(usual = tmpdir()): string {
  return usual.length > longestForSockets ? "/tmp" : usual;
}

/** The same as {@link withTemporaryFolder}, for sockets. */
export function withSocketFolder<T>(purpose: string, work: (folder: string) => Promise<T>): Promise<T> {
  return within(socketsParent(), purpose, work);
}

async function within<T>(parent: string, purpose: string, work: (folder: string) => Promise<T>): Promise<T> {
  await removeOwnOnce();
  const folder = mkdtempSync(join(parent, temporaryName(purpose)));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const removeOwnOnce = once(async () => removeLeftOvers([tmpdir(), socketsParent()], process.getuid?.()));

/** How the name of a temporary folder of this run begins. @param purpose a word for it */
export function temporaryName(purpose: string): string {
  return `${prefix}${purpose}-${ownerName(process.pid)}-`;
}

/**
 * Removes a user's folders of killed runs: they can hold a plan or a snapshot.
 * @param parents the folders in which they are
 * @param as runs work with the rights of that user. @default those of this process
 */
export function removeLeftOvers(
  parents: readonly string[],
  uid: number | undefined,
  as: (work: () => void) => void = (work) => work(),
): void {
  // A temporary folder that its users cannot list, as on some hosts with many of them, serves as well.
  for (const parent of new Set(parents))
    for (const { name } of attempt(() => firstEntries(parent, mostEntries)) ?? []) {
      const path = join(parent, name);
      // The owner first: other users can put any number of such names there, and judging one reads /proc.
      if (!name.startsWith(prefix) || !isOf(uid, path) || !isLeftOver(name)) continue;
      // It can hold a file of another user. That must not stop this run.
      as(() => attempt(() => rmSync(path, { recursive: true, force: true })));
    }
}

/** Of a temporary folder. */
const mostEntries = 10_000;

/** Whether it is a folder of that user; another run can have removed it in the meantime. */
function isOf(uid: number | undefined, path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === uid;
}

/** Judged by the process in the name, since a clock can jump. Processes of another container cannot be seen from here. */
function isLeftOver(name: string): boolean {
  const [, owner, space, pid] = /^openclaw-openrouter-[a-z-]+-((\w+)-(\w+)-\w+)-\w+$/.exec(name) ?? [];
  return space === short(processSpace()) && owner !== ownerName(Number.parseInt(pid ?? "", 36));
}

/** A process, independent of reused pids. It is short, since paths of sockets have at most 107 characters. */
function ownerName(pid: number): string {
  return [processSpace(), pid, processStart(pid)].map(short).join("-");
}

function short(number: unknown): string {
  return Number(number ?? 0).toString(36);
}

/** The number of the PID namespace: others can share the temporary folder. */
function processSpace(): number {
  return Number(/\d+/.exec(pidNamespace() ?? "")?.[0] ?? 0);
}
