import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../core/errors";
import { notWritten, syncFolder } from "../core/files/files";
import { draftName, removeAbandoned } from "../core/files/make-once";
import { type Exchangeable, exchangeableOnTheWay, reasonAgainst } from "../core/files/trusted-path";
import { packageRoot } from "../core/system/package-root";
import { day } from "../core/time";
import { currentLink, type InstallPlaces, installPlaces, leadsTo } from "./installed-program";
import { copyName, isWholeCopy, makeCopy } from "./program-copy";
import { programFile } from "./program-files";
import { exchangeable } from "./trusted-files";

/** The result of {@link installProgram}. */
interface Installation {
  readonly folder: string;
  /** Whether the copy in use changed. */
  readonly changed: boolean;
  /** Why the link is missing. */
  readonly linkProblem?: string;
}

/**
 * The names of other files beside the copies: the link of OPENCLAW_OPENROUTER_INSTALL, and the CA certificates that a user
 * publishes in that folder.
 */
const besideCopies = /^(bin|\.making-.*|.*-ca\.pem)$/;

/** The time for which an unused copy is kept: a run that was started from it may still start its steps. */
const staysForMs = day;

const fix =
  "Find out what it is, and move it away; or set OPENCLAW_OPENROUTER_INSTALL to another folder. Then: openclaw-openrouter up";

/**
 * Installs the running program as the one installed copy, with a link to it. The copy is replaced only if it differs, and in
 * one step: a killed run leaves the old or the new one.
 * @throws UserError if the folder is not this program's, another user could exchange it, or it cannot be written to
 */
export async function installProgram(
  places: InstallPlaces = installPlaces(),
  root: string = packageRoot(),
): Promise<Installation> {
  const { folder } = places;
  // A clone in this folder is itself the installed program.
  if (leadsTo(folder, root))
    return { folder, changed: false, ...placeLink(places, join(folder, programFile), root) };
  const current = join(folder, currentLink);
  try {
    requirePlace(folder);
    const changed = !leadsTo(current, root) && !isWholeCopy(root, current);
    if (changed) await renew(folder, root);
    sweep(folder, root);
    return { folder, changed, ...placeLink(places, join(current, programFile), root) };
  } catch (error) {
    const { cause = error } = error as Error;
    const explained = notWritten(folder, cause as NodeJS.ErrnoException);
    throw explained === cause ? error : explained;
  }
}

/**
 * Verifies that the folder is this program's, and that nobody else can exchange its content.
 * @throws UserError
 */
function requirePlace(folder: string): void {
  refuse(exchangeableOnTheWay(nearestExisting(folder)), folder);
  const entry = lstatSync(folder, { throwIfNoEntry: false });
  if (entry && !entry.isDirectory()) {
    const got = entry.isSymbolicLink() ? `a link to ${readlinkSync(folder)}` : "no folder";
    throw refused(folder, got, "a folder");
  }
  if (!entry) makeFolder(folder);
  refuse(exchangeable([folder]), folder);
  const reason = reasonAgainst(lstatSync(folder), false);
  if (reason) throw refused(folder, `a folder that ${reason}`, "a folder that nobody else can write to");
  // Before the link is read: another run may place it meanwhile.
  const names = readdirSync(folder);
  const copy = linkTarget(join(folder, currentLink));
  if (copy && copyName.test(copy)) return;
  const other = names.find((name) => !copyName.test(name) && !besideCopies.test(name));
  if (other !== undefined)
    throw refused(
      folder,
      `${join(folder, other)}, which this program did not put there`,
      "an empty folder, or one that holds copies of this program",
    );
}

/** Creates a folder and its parents. The option `recursive` would report a read-only file system as a missing folder. */
function makeFolder(folder: string): void {
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o755 });
}

function refuse(found: Exchangeable | undefined, folder: string): void {
  if (!found) return;
  throw refused(
    folder,
    `${found.path}, which ${found.why}`,
    "folders of this user or root that nobody else can write to",
  );
}

function refused(folder: string, got: string, expected: string): UserError {
  return new UserError({ problem: `The program is not installed in ${folder}.`, got, expected, fix });
}

/** The entry itself, or the nearest folder above it that exists. A link counts as an entry, wherever it leads. */
function nearestExisting(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false }) || path === dirname(path)
    ? path
    : nearestExisting(dirname(path));
}

async function renew(folder: string, root: string): Promise<void> {
  const copy = await makeCopy(folder, root);
  const current = join(folder, currentLink);
  // The modification time of both is the time of their last use, which shows old copies.
  for (const name of [copy, linkTarget(current)]) touch(join(folder, name ?? copy));
  const draft = join(folder, draftName(currentLink));
  symlinkSync(copy, draft);
  renameSync(draft, current);
  syncFolder(folder);
}

/** Removes copies that have not been used for a day, and the drafts of killed runs. */
function sweep(folder: string, root: string): void {
  const current = linkTarget(join(folder, currentLink));
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!copyName.test(name) || name === current || leadsTo(path, root)) continue;
    if (Date.now() - lstatSync(path).mtimeMs > staysForMs) rmSync(path, { recursive: true, force: true });
  }
  removeAbandoned(folder);
}

function touch(path: string): void {
  const now = new Date();
  if (existsSync(path)) utimesSync(path, now, now);
}

/** The target of a link; undefined if the path is not a link. */
function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined;
}

/**
 * Creates the link by which a shell finds the program. An existing file that does not lead into the folder is unmanaged, and
 * stays.
 */
function placeLink(
  { folder, link }: InstallPlaces,
  program: string,
  root: string,
): Pick<Installation, "linkProblem"> {
  const found = lstatSync(link, { throwIfNoEntry: false });
  const target = linkTarget(link);
  if (target === program) return {};
  if (found && !target?.startsWith(`${folder}/`))
    // npm's link, of a package that is installed for all users, leads to the running program.
    return leadsTo(link, program) || leadsTo(link, join(root, programFile))
      ? {}
      : { linkProblem: `${link} ${target ? `leads to ${target}` : "is a file of its own"}` };
  const exchanged = exchangeableOnTheWay(nearestExisting(dirname(link)));
  if (exchanged) return { linkProblem: `another user could exchange it: ${exchanged.path} ${exchanged.why}` };
  try {
    if (!existsSync(dirname(link))) makeFolder(dirname(link));
    if (found) rmSync(link);
    // It fails if the link was created meanwhile.
    symlinkSync(program, link);
    return {};
  } catch (error) {
    return { linkProblem: `${link} cannot be written: ${(error as NodeJS.ErrnoException).code}` };
  }
}
