import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors";
import { type Account, accountOf, actAs } from "../host/account";
import { writePrivateFile } from "../instance/files";
import { sha256 } from "../model/fingerprint";
import { homePaths } from "../model/home-paths";
import { openclawPaths } from "../model/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { backUp } from "./backups";
import {
  type InstalledRecord,
  type JoinedName,
  type JoinedRecord,
  joinedNames,
  keepFirstFound,
  type PlacementRecord,
  readFirstFound,
  readInstalled,
  writeInstalled,
} from "./installed";
import { findInterpreter } from "./interpreter";
import { byHand, joinFile } from "./joined-files";
import { findOverrides, findOwnProvider, type ReadText } from "./overrides";
import { assertPlaceable, ownFiles, placeOwnFiles } from "./own-files";
import { type PlainFile, readPlainFile, textOf } from "./plain-file";
import { uninstall } from "./uninstall";

/** What became of a file: there was none, it is as it was, or what it says was changed. */
export type Placement = "placed" | "unchanged" | "changed";

/** What became of each file, and of the resolver with its credential. */
export type Installation = Record<JoinedName | "resolver", Placement>;

/** One of the files that are the user's, looked at before anything is written. */
interface Decision {
  readonly name: JoinedName;
  readonly path: string;
  readonly present: PlainFile | undefined;
  /** What it is to hold. */
  readonly next: string;
  readonly mode: number;
  /** How it was first found: in this run, or in the one that has the record. */
  readonly first: PlainFile | undefined;
  readonly placement: PlacementRecord;
}

/**
 * Joins what is declared to the user's files, and places what the gateway needs to get the key, as the user who runs
 * OpenClaw. All is looked at before any is written, and what was first found is kept until {@link uninstall}.
 * @throws UserError where a file cannot be joined, or something else than a plain file of the user's is in its place
 */
export function install(parameters: InstallParameters): Installation {
  const { home: root, folder, user } = parameters;
  const home = homePaths(root);
  const account = accountOf(user);
  const known = readInstalled(home);
  const before = known?.folder === folder && known.user === user ? known : undefined;
  const node = findInterpreter({ account, declared: parameters.node, earlier: before?.node });
  const own = ownFiles(parameters, node);
  const declared = Object.fromEntries(joinedNames.map((name) => [name, declaredText(root, name)])) as Record<
    JoinedName,
    string
  >;
  const firsts = readFirstFound(home, before);

  const decisions = actAs(account, () => {
    assertPlaceable(own, folder, account);
    const decided = joinedNames.map((name) =>
      decide({
        root,
        folder,
        name,
        account,
        declared: declared[name],
        before: before?.files[name],
        first: firsts[name],
      }),
    );
    refuseOwnProvider(folder, decided);
    return decided;
  });

  // The settings name another folder or user now: what was placed before goes.
  if (known && !before) uninstall(root);
  const madeFolder = before?.madeFolder ?? !actAs(account, () => existsSync(folder));
  for (const { name, first } of decisions) {
    if (first && !before?.files[name]) keepFirstFound(home, name, first);
  }
  const record = (files: InstalledRecord["files"]) =>
    writeInstalled(home, { folder, ...(user === undefined ? {} : { user }), node, madeFolder, files });
  const recordOf = ({ first, placement }: Decision, earlier: readonly PlacementRecord[]): JoinedRecord => ({
    found: first ? { mode: first.mode } : null,
    placed: [...earlier, placement],
  });
  const recordAll = (earlier: (name: JoinedName) => readonly PlacementRecord[]) =>
    record(
      Object.fromEntries(
        decisions.map((decision) => [decision.name, recordOf(decision, earlier(decision.name))]),
      ),
    );

  recordAll((name) => before?.files[name]?.placed ?? []);
  const isOwnChanged = actAs(account, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const changed = placeOwnFiles(own, folder, account);
    for (const decision of decisions) place(decision);
    return changed;
  });
  recordAll(() => []);
  const placements = decisions.map((decision) => [decision.name, placementOf(decision)]);
  return { ...Object.fromEntries(placements), resolver: isOwnChanged ? "placed" : "unchanged" };
}

/** The user's own values that win over the fragment's, by name, file and line. */
export function overridesIn({ folder, user }: Pick<InstallParameters, "folder" | "user">) {
  const path = openclawPaths(folder).gateway;
  return actAs(accountOf(user), () => {
    const text = readText(path);
    return text === undefined ? [] : findOverrides(path, text, readText);
  });
}

/** What Terraform rendered; the include is nothing that it could render. */
function declaredText(root: string, name: JoinedName): string {
  return name === "openclaw.json" ? "" : readFileSync(join(homePaths(root).rendered, name), "utf8");
}

interface DecideOptions {
  readonly root: string;
  readonly folder: string;
  readonly name: JoinedName;
  readonly account: Account;
  readonly declared: string;
  readonly before: JoinedRecord | undefined;
  readonly first: PlainFile | undefined;
}

function decide({ root, folder, name, account, declared, before, first }: DecideOptions): Decision {
  const path = join(folder, name);
  const present = readPlainFile(path, account);
  const known = before ? first : present;
  // A file that was removed since comes back as it was first found, and joined.
  const base = present ?? known;
  const next = joined(root, path, name, base, declared, before);
  const lastWritten =
    present && before?.placed.find((placement) => placement.sha256 === sha256(present.bytes));
  const isAsFound = !before || !present || (known?.bytes.equals(present.bytes) ?? false);
  return {
    name,
    path,
    present,
    next,
    // The gateway's file may be open to a group for a reason; ours are nobody else's.
    mode: name === "openclaw.json" && base ? base.mode : 0o600,
    first: known,
    placement: { sha256: sha256(next), untouched: lastWritten?.untouched ?? isAsFound, declared },
  };
}

function joined(
  root: string,
  path: string,
  name: JoinedName,
  base: PlainFile | undefined,
  declared: string,
  before: JoinedRecord | undefined,
): string {
  if (name === "openrouter.json5") {
    if (!base || before || base.bytes.equals(Buffer.from(declared))) return declared;
    throw new UserError({
      problem: `${path} is there already, and it is not ours to change.`,
      got: "a file of your own",
      expected: "no file: it is to be ours, and the gateway's openclaw.json is to include it",
      remedy: "Move it away, then run this again.",
    });
  }
  try {
    return joinFile(name, base && textOf(base), declared);
  } catch (error) {
    throw new UserError(
      {
        problem: `${path} cannot be joined with what is declared, and nothing was changed.`,
        got: (error as Error).message,
        expected: `${name === "config.json" ? "JSON" : "JSON5"} that holds an object`,
        remedy: `Mend it, then run this again.\n${byHand(name, join(homePaths(root).rendered, name))}`,
      },
      { cause: error },
    );
  }
}

/** A provider of ours would be merged with the user's of that name. */
function refuseOwnProvider(folder: string, decisions: readonly Decision[]): void {
  const present = decisions.find(({ name }) => name === "openclaw.json")?.present;
  const path = openclawPaths(folder).gateway;
  const own = present ? findOwnProvider(path, textOf(present), readText)[0] : undefined;
  if (!own) return;
  throw new UserError({
    problem: `There is a secret provider of your own that has our name: ${own.name}.`,
    got: `${own.file}, line ${own.line}`,
    expected: "that name left to us",
    remedy: "Give yours another name, in its references as well; then run this again.",
  });
}

const readText: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

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
