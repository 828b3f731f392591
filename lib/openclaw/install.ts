import type { Stats } from "node:fs";
import { basename, join } from "node:path";
import { allowing } from "../core/attempt";
import { UserError } from "../core/errors";
import { readTextIfThere } from "../core/files/files";
import { sha256 } from "../core/fingerprint";
import { type Account, accountOf } from "../core/system/os-user";
import { scheduledProgram } from "../host/installed-program";
import { homePaths } from "../model/home-paths";
import { openclawNames, openclawPaths } from "../model/openclaw/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { publishDeployedFor } from "../store/deployed-for";
import { backUp } from "./backups";
import { type Decision, decide, refuseOwnProvider } from "./decide";
import { existsAsUser } from "./folder/as-user";
import { Includes } from "./folder/includes";
import { Refused } from "./folder/refused";
import { UsersFolder } from "./folder/users-folder";
import { plainKey } from "./gateway/key";
import {
  type InstalledRecord,
  type JoinedName,
  joinedNames,
  keepFirstFound,
  type PlacementRecord,
  readFirstFound,
  readInstalled,
  writeInstalled,
} from "./installed";
import { findInterpreter } from "./interpreter";
import { findOverrides } from "./overrides";
import { assertPlaceable, type OwnFile, ownFiles, placeOwnFiles } from "./own-files";
import { textOf } from "./plain-file";
import { uninstall } from "./uninstall";

/** The result for a file: newly placed, unchanged, or changed in its content or permissions. */
type Placement = "placed" | "unchanged" | "changed";

/** The result for each file, and for the resolver with its credential. */
export type Installation = Record<JoinedName | "resolver", Placement>;

/** The state that an install reads before it writes anything. */
interface Inspection {
  readonly account: Account;
  /** The record of the last install, if it was in this folder. */
  readonly before: InstalledRecord | undefined;
  /** Whether the last install was in another folder. */
  readonly isElsewhere: boolean;
  readonly node: string;
  readonly own: readonly OwnFile[];
  readonly decisions: readonly Decision[];
}

function inspect(parameters: InstallParameters): Inspection {
  const { home: root, folder, user } = parameters;
  const home = homePaths(root);
  const account = accountOf(user);
  const known = readInstalled(home);
  const before = known && isInFolder(known, parameters, account) ? known : undefined;
  const node =
    parameters.gateway?.node ??
    findInterpreter({ account, declared: parameters.node, earlier: before?.node });
  const own = ownFiles(parameters, node);
  const declared = joinedNames.map((name) => ({ name, text: declaredText(root, name) }));
  const fragment = declaredText(root, "openrouter.json5");
  const firsts = readFirstFound(home, before);
  const decisions = UsersFolder.with(folder, account, (present) => {
    assertPlaceable(own, present);
    const common = { root, path: folder, folder: present, fragment };
    const decided = declared.map(({ name, text }) =>
      decide({ ...common, name, declared: text, before: before?.files[name], first: firsts[name] }),
    );
    if (present) refuseOwnProvider(present, decided);
    return decided;
  });
  return { account, before, isElsewhere: known !== undefined && !before, node, own, decisions };
}

/** Whether the last install was in this folder, perhaps by another spelling or a link. */
function isInFolder(
  { folder: earlier, user: earlierUser, files }: InstalledRecord,
  { folder, user }: InstallParameters,
  account: Account,
): boolean {
  // Its owner can have changed with the user who runs OpenClaw: from one of this host to a container's.
  if (earlier === folder) return true;
  // Another user could link the earlier path to this folder, and so pass their files for the originals.
  if (earlierUser !== user) return false;
  const [one, other] = [earlier, folder].map((path) => folderStatus(path, account));
  if (one === undefined) return !existsAsUser(earlier, account) && holdsFragment(folder, files, account);
  return one.dev === other?.dev && one.ino === other.ino;
}

/** Whether a folder holds the fragment that was placed: the earlier one was moved there, with the user's files as merged. */
function holdsFragment(path: string, files: InstalledRecord["files"], account: Account): boolean {
  const placed = files[openclawNames.fragment]?.placed ?? [];
  return UsersFolder.with(path, account, (folder) => {
    const fragment = folder?.read(openclawNames.fragment);
    return fragment !== undefined && placed.some(({ sha256: hash }) => hash === sha256(fragment.bytes));
  });
}

/** Undefined for anything but a folder of the user. */
function folderStatus(path: string, account: Account): Stats | undefined {
  return allowing(Refused, () => UsersFolder.with(path, account, (folder) => folder?.stat()));
}

/**
 * Merges the declared configuration into the user's files, and places the files by which the gateway gets the key, as the
 * user who runs OpenClaw. Inspects everything before it writes anything, and keeps the originals until {@link uninstall}.
 * @throws UserError if a file cannot be merged, or is not a plain file of the user
 */
export function install(parameters: InstallParameters): Installation {
  const { home: root, folder, user } = parameters;
  const home = homePaths(root);
  let inspection = inspect(parameters);
  if (inspection.isElsewhere) {
    // The settings now name another folder: remove the files from the previous one, which can change files in this one.
    uninstall(root);
    inspection = inspect(parameters);
  }
  const { account, before, node, own, decisions } = inspection;
  const madeFolder =
    before?.madeFolder ?? UsersFolder.with(folder, account, (present) => present === undefined);
  for (const { name, first } of decisions) {
    if (first && !before?.files[name]) keepFirstFound(home, name, first);
  }
  const record = (earlier: (name: JoinedName) => readonly PlacementRecord[]) =>
    writeInstalled(home, {
      folder,
      ...(user === undefined ? {} : { user }),
      node,
      madeFolder,
      files: Object.fromEntries(
        decisions.map(({ name, first, placement }) => [
          name,
          { found: first ? { mode: first.mode } : null, placed: [...earlier(name), placement] },
        ]),
      ),
    });

  record((name) => before?.files[name]?.placed ?? []);
  const isOwnChanged = UsersFolder.make(folder, account, (place) => {
    const changed = placeOwnFiles(own, place);
    for (const decision of decisions) put(decision, place);
    return changed;
  });
  record(() => []);
  publishDeployedFor(root, account, () => scheduledProgram(basename(root)));
  const placements = decisions.map((decision) => [decision.name, placementOf(decision)]);
  return { ...Object.fromEntries(placements), resolver: isOwnChanged ? "placed" : "unchanged" };
}

/**
 * The user's own values in the gateway's configuration that override the fragment's, or are merged with them; and the included
 * files that were not read, and can hold such values, with the reason by path.
 * @throws Error if the user's openclaw.json cannot be read or parsed
 */
export function overridesIn(folder: UsersFolder) {
  const file = folder.read(openclawNames.gateway);
  const includes = new Includes(folder);
  const path = openclawPaths(folder.path).gateway;
  const values = file ? findOverrides(path, textOf(file, path), includes.text) : [];
  return { values, unread: includes.unread };
}

/** The text that Terraform rendered; empty for openclaw.json, since Terraform cannot render an include. */
function declaredText(root: string, name: JoinedName): string {
  if (name === "openclaw.json") return "";
  const path = join(homePaths(root).rendered, name);
  const text = readTextIfThere(path);
  if (text !== undefined) return text;
  throw new UserError({
    problem: `${path}, a file that Terraform renders, is missing.`,
    fix: "openclaw-openrouter up",
  });
}

function put(decision: Decision, folder: UsersFolder): void {
  const { name, present, next, mode } = decision;
  if (present?.bytes.equals(Buffer.from(next))) {
    if (present.mode !== mode) folder.setMode(name, mode);
    return;
  }
  requireUnchanged(decision, folder);
  if (present) backUp(folder, name, withoutKeys(present.bytes));
  folder.write(name, next, mode);
}

/** OpenClaw itself, or an editor, can have written the file since it was read. @throws UserError if it differs now */
function requireUnchanged({ name, path, present }: Decision, folder: UsersFolder): void {
  const now = folder.read(name);
  if (now === present || (now && present?.bytes.equals(now.bytes))) return;
  throw new UserError({
    problem: `${path} was changed while OpenClaw's files were written. It was not overwritten.`,
    fix: "openclaw-openrouter up",
  });
}

/** A backup holds no key: a plain one in the user's file is removed for being one. */
function withoutKeys(bytes: Buffer): Uint8Array {
  const text = bytes.toString("latin1");
  return plainKey.test(text)
    ? Buffer.from(text.replace(new RegExp(plainKey, "g"), "(key removed)"), "latin1")
    : bytes;
}

function placementOf({ present, next, mode }: Decision): Placement {
  if (!present) return "placed";
  return present.bytes.equals(Buffer.from(next)) && present.mode === mode ? "unchanged" : "changed";
}
