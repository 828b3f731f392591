import { existsSync, lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { attempt } from "../attempt";
import { UserError } from "../errors";
import { quote } from "../text";
import { readOrEmpty } from "./files";

interface TrustOptions {
  /** What helps. @default to take the ownership */
  readonly fix?: string | undefined;
  /** Whether the path passes as a folder such as /tmp, where nobody can replace what this user puts there. @default false */
  readonly mayBeSticky?: boolean;
}

/**
 * Checks that nobody else can replace a path that this program runs, obeys or writes secrets to: the path and everything on
 * the way to it belong to the current user or to root, and nobody else can write to them. A missing path passes.
 * @param what the name of the path, such as "The cache"
 * @throws UserError that names it
 */
export function requireTrusted(
  path: string,
  what: string,
  { fix, mayBeSticky = false }: TrustOptions = {},
): void {
  const key = `${mayBeSticky} ${path}`;
  if (trusted.has(key)) return;
  const ends = mayBeSticky ? [] : [resolve(path), attempt(() => realpathSync(path))];
  const places = [...onTheWay(path)];
  if (places.length === 0) return;
  for (const [place, stats] of places.reverse()) {
    const reason = reasonAgainst(stats, !ends.includes(place));
    if (!reason) continue;
    throw new UserError({
      problem: `${what}, ${path}, cannot be trusted: another user could replace its content.`,
      got: `${place}, which ${reason}`,
      expected: `owner uid ${[...new Set([process.getuid?.(), 0])].join(" or ")}, and write permission for nobody else`,
      fix: isOthersHome(stats)
        ? "The HOME is another user's, as `sudo -E` and `su -m` leave it. Set root's: sudo -H"
        : (fix ??
          `See who changed it. If it is yours: chown ${process.getuid?.()} ${quote(place)} && chmod go-w ${quote(place)}`),
    });
  }
  trusted.add(key);
}

/** A path, or the nearest folder above it that exists: there a missing one is made. */
export function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Whether a folder of another user is refused in a run whose HOME is that user's as well. */
function isOthersHome({ uid }: Stats): boolean {
  const home = attempt(() => statSync(process.env.HOME ?? "/"));
  return uid !== 0 && uid === home?.uid && uid !== process.getuid?.();
}

/** Paths that are already checked: a run asks for the same ones repeatedly. */
const trusted = new Set<string>();

/**
 * A path, the folders above it, and the same of each link among them and of where it leads: who can exchange a link exchanges
 * what is behind it. Nothing for a missing path.
 * @param seen the places that are left out, to which these are added
 */
export function* onTheWay(path: string, seen = new Set<string>()): Generator<[place: string, entry: Stats]> {
  if (!entryOf(path)) return;
  yield* upwards(resolve(path), seen);
  // The kernel goes up from where a link leads, and resolve() from its name.
  const found = attempt(() => realpathSync(path));
  if (found) yield* upwards(found, seen);
}

function* upwards(path: string, seen: Set<string>): Generator<[string, Stats]> {
  for (let place = path; !seen.has(place); place = dirname(place)) {
    seen.add(place);
    const entry = entryOf(place);
    if (!entry) continue;
    yield [place, entry];
    if (entry.isSymbolicLink())
      yield* upwards(resolve(realpathSync(dirname(place)), readlinkSync(place)), seen);
  }
}

function entryOf(path: string): Stats | undefined {
  return attempt(() => lstatSync(path));
}

/** A file or folder that another user could exchange. */
export interface Exchangeable {
  readonly path: string;
  /** See {@link reasonAgainst}. */
  readonly why: string;
}

/**
 * The first of a path and the folders that lead to it that another user could exchange. In a folder such as /tmp nobody can.
 * @param seen what was judged before
 */
export function exchangeableOnTheWay(path: string, seen?: Set<string>): Exchangeable | undefined {
  for (const [place, entry] of onTheWay(path, seen)) {
    const found = exchangeableEntry(place, entry);
    if (found) return found;
  }
  return undefined;
}

/** The same of one entry alone. */
export function exchangeableEntry(path: string, entry: Stats): Exchangeable | undefined {
  const why = reasonAgainst(entry, true);
  return why ? { path, why } : undefined;
}

/**
 * The one rule for an entry that another user could replace: it belongs neither to root nor to the current user, or others can
 * write to it.
 * @param isSafeIfSticky whether a folder such as /tmp passes: nobody can replace another user's entries there
 * @returns the reason, to be read after "which"; undefined if nobody could replace it
 */
export function reasonAgainst(entry: Stats, isSafeIfSticky: boolean): string | undefined {
  const { uid, gid, mode } = entry;
  if (uid !== 0 && uid !== process.getuid?.()) return `belongs to uid ${uid}`;
  // A link has no mode of its own: only its folder counts.
  if (entry.isSymbolicLink()) return undefined;
  if (isSafeIfSticky && entry.isDirectory() && (mode & 0o1000) !== 0) return undefined;
  if ((mode & 0o002) !== 0) return "everybody can write to";
  if ((mode & 0o020) !== 0 && gid !== 0 && !isOwnGroup(gid)) return `the group ${gid} can write to`;
  return undefined;
}

/** Many systems give each user a group, which may then write to all of that user's files. */
function isOwnGroup(gid: number): boolean {
  const uid = process.getuid?.();
  if (gid !== process.getgid?.() || uid === undefined) return false;
  return isPrivateGroup(gid, uid, readOrEmpty("/etc/passwd"), readOrEmpty("/etc/group"));
}

/**
 * Whether a user's group has that user's name or number, and nobody else in it but root. Of a group that is not listed, as one of
 * a directory service, the number tells.
 * @param users passwd(5)
 * @param groups group(5)
 */
export function isPrivateGroup(gid: number, uid: number, users: string, groups: string): boolean {
  const fieldsOf = (text: string) => text.split("\n").map((line) => line.trim().split(":"));
  const all = fieldsOf(users);
  const namesOf = (...uids: number[]) =>
    all.flatMap(([name, , id]) => (name && uids.map(String).includes(id ?? "") ? [name] : []));
  const listed = fieldsOf(groups).filter(([, , id]) => id === String(gid));
  const isItsUsers = gid === uid || listed.some(([name = ""]) => namesOf(uid).includes(name));
  const added = listed.flatMap(([, , , members = ""]) => members.split(",").filter(Boolean));
  const begun = all.flatMap(([name, , , first]) => (name && first === String(gid) ? [name] : []));
  return isItsUsers && [...added, ...begun].every((name) => namesOf(uid, 0).includes(name));
}
