import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../errors";

/**
 * Sees that nobody else can exchange what this program runs, obeys or writes secrets to: a file or folder, and every folder
 * above it, belongs to who runs this or to root, and nobody else may write to it. What is not there is nobody's.
 * @param what what it is, such as "The cache"
 * @throws UserError that names it
 */
export function requireTrusted(path: string, what: string): void {
  if (trusted.has(path)) return;
  const found = resolved(path);
  if (!found) return;
  for (const [place, stats] of [...withParents(found)].reverse()) {
    const reason = reasonAgainst(stats, place !== found);
    if (!reason) continue;
    throw new UserError({
      problem: `${what}, ${path}, cannot be trusted: another user could exchange what is in it.`,
      got: `${place}, which ${reason}`,
      expected: `an owner of uid ${process.getuid?.()} or 0, and no rights to write for anybody else`,
      fix: `See who changed it. If it is yours: chown ${process.getuid?.()} ${place} && chmod go-w ${place}\nAs another user than before (sudo -E, su -m): run this with that user's own HOME.`,
    });
  }
  trusted.add(path);
}

/** A run asks for the same paths again and again. */
const trusted = new Set<string>();

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function* withParents(path: string): Generator<[string, Stats]> {
  for (let place = path; ; place = dirname(place)) {
    yield [place, statSync(place)];
    if (place === dirname(place)) return;
  }
}

/**
 * The one rule of what another user could exchange: what is neither root's nor of who runs this, or what others may write to.
 * @param isSafeIfSticky whether it may be a folder such as /tmp: nobody exchanges there what is another's
 * @returns who could, to be read after "which"; undefined if nobody could
 */
export function reasonAgainst(entry: Stats, isSafeIfSticky: boolean): string | undefined {
  const { uid, gid, mode } = entry;
  if (uid !== 0 && uid !== process.getuid?.()) return `belongs to uid ${uid}`;
  // A link has no mode of its own: only its folder counts.
  if (entry.isSymbolicLink()) return undefined;
  if (isSafeIfSticky && entry.isDirectory() && (mode & 0o1000) !== 0) return undefined;
  if ((mode & 0o002) !== 0) return "everybody may write to";
  // Many systems give each user a group of the same number, with nobody else in it.
  const isOwnGroup = gid === 0 || (gid === process.getgid?.() && gid === process.getuid?.());
  if ((mode & 0o020) !== 0 && !isOwnGroup) return `the group ${gid} may write to`;
  return undefined;
}
