import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Account, accountOf, actAs } from "../host/account";
import { writePrivateFile } from "../instance/files";
import { homePaths } from "../model/home-paths";
import { openclawPaths } from "../model/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { backUp } from "./backups";
import { type Decision, decide, readText, refuseOwnProvider } from "./decide";
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
import { findOverrides, findOwnProvider, type StandingValue } from "./overrides";
import { areOwnFilesPlaced, assertPlaceable, type OwnFile, ownFiles, placeOwnFiles } from "./own-files";
import { assertUsersFolder } from "./plain-file";
import { uninstall } from "./uninstall";

/** What became of a file: there was none, it is as it was, or what it says or who may read it was changed. */
export type Placement = "placed" | "unchanged" | "changed";

/** What became of each file, and of the resolver with its credential. */
export type Installation = Record<JoinedName | "resolver", Placement>;

/** All that an install knows before it writes anything. */
interface Look {
  readonly account: Account;
  /** The record of what was placed in this folder, for this user. */
  readonly before: InstalledRecord | undefined;
  /** Whether something was placed elsewhere. */
  readonly isElsewhere: boolean;
  readonly node: string;
  readonly own: readonly OwnFile[];
  readonly decisions: readonly Decision[];
}

function look(parameters: InstallParameters): Look {
  const { home: root, folder, user } = parameters;
  const home = homePaths(root);
  const account = accountOf(user);
  const known = readInstalled(home);
  const before = known?.folder === folder && known.user === user ? known : undefined;
  const node = findInterpreter({ account, declared: parameters.node, earlier: before?.node });
  const own = ownFiles(parameters, node);
  const declared = joinedNames.map((name) => ({ name, text: declaredText(root, name) }));
  const firsts = readFirstFound(home, before);
  const decisions = actAs(account, () => {
    assertUsersFolder(folder, account);
    assertPlaceable(own, folder, account);
    const decided = declared.map(({ name, text }) =>
      decide({
        root,
        folder,
        name,
        account,
        declared: text,
        before: before?.files[name],
        first: firsts[name],
      }),
    );
    refuseOwnProvider(folder, decided);
    return decided;
  });
  return { account, before, isElsewhere: known !== undefined && !before, node, own, decisions };
}

/**
 * What {@link install} would do, without doing it.
 * @throws UserError as that does
 */
export function previewInstall(parameters: InstallParameters): Installation {
  const { account, own, decisions } = look(parameters);
  const isPlaced = actAs(account, () => areOwnFilesPlaced(own, parameters.folder, account));
  return installation(decisions, !isPlaced);
}

/**
 * Joins what is declared to the user's files, and places what the gateway needs to get the key, as the user who runs
 * OpenClaw. All is looked at before any is written, and what was first found is kept until {@link uninstall}.
 * @throws UserError where a file cannot be joined, or something else than a plain file of the user's is in its place
 */
export function install(parameters: InstallParameters): Installation {
  const { home: root, folder, user } = parameters;
  const home = homePaths(root);
  const { account, before, isElsewhere, node, own, decisions } = look(parameters);

  // The settings name another folder or user now: what was placed before goes.
  if (isElsewhere) uninstall(root);
  const madeFolder = before?.madeFolder ?? !actAs(account, () => existsSync(folder));
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
  const isOwnChanged = actAs(account, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const changed = placeOwnFiles(own, folder, account);
    for (const decision of decisions) place(decision);
    return changed;
  });
  record(() => []);
  return installation(decisions, isOwnChanged);
}

function installation(decisions: readonly Decision[], isOwnChanged: boolean): Installation {
  const placements = decisions.map((decision) => [decision.name, placementOf(decision)]);
  return { ...Object.fromEntries(placements), resolver: isOwnChanged ? "placed" : "unchanged" };
}

/** The user's own values that win over the fragment's, or are merged with ours, by name, file and line. */
export function overridesIn({ folder, user }: Pick<InstallParameters, "folder" | "user">): StandingValue[] {
  const path = openclawPaths(folder).gateway;
  return actAs(accountOf(user), () => {
    const text = readText(path);
    if (text === undefined) return [];
    return [...findOverrides(path, text, readText), ...findOwnProvider(path, text, readText)];
  });
}

/** What Terraform rendered; the include is nothing that it could render. */
function declaredText(root: string, name: JoinedName): string {
  return name === "openclaw.json" ? "" : readFileSync(join(homePaths(root).rendered, name), "utf8");
}

function place({ path, present, next, mode }: Decision): void {
  if (present?.bytes.equals(Buffer.from(next))) {
    if (present.mode !== mode) chmodSync(path, mode);
    return;
  }
  if (present) backUp(path, present.bytes);
  writePrivateFile(path, next, mode);
}

function placementOf({ present, next, mode }: Decision): Placement {
  if (!present) return "placed";
  return present.bytes.equals(Buffer.from(next)) && present.mode === mode ? "unchanged" : "changed";
}
