import { join } from "node:path";
import { UserError } from "../core/errors";
import { sha256 } from "../core/fingerprint";
import { homePaths } from "../model/home-paths";
import { openclawPaths } from "../model/openclaw-paths";
import { Includes } from "./folder/includes";
import type { PlainFile, UsersFolder } from "./folder/users-folder";
import type { JoinedName, JoinedRecord, PlacementRecord } from "./installed";
import { byHand, joinFile } from "./joined-files";
import { findOwnProvider } from "./overrides";
import { textOf } from "./plain-file";

/** One of the files that are the user's, looked at before anything is written. */
export interface Decision {
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

export interface DecideOptions {
  readonly root: string;
  /** Where OpenClaw's folder is to be. */
  readonly path: string;
  /** Undefined if there is none yet. */
  readonly folder: UsersFolder | undefined;
  readonly name: JoinedName;
  readonly declared: string;
  readonly before: JoinedRecord | undefined;
  readonly first: PlainFile | undefined;
}

/**
 * What a file is to become, looked at as the user who runs OpenClaw.
 * @throws UserError where it cannot be joined, or is no plain file of that user's
 */
export function decide(options: DecideOptions): Decision {
  const { root, folder, name, declared, before, first } = options;
  const path = join(options.path, name);
  const present = folder?.read(name);
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
      fix: "Move it away, then run this again.",
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
        fix: `Fix it, then run this again.\n${byHand(name, join(homePaths(root).rendered, name))}`,
      },
      { cause: error },
    );
  }
}

/** @throws UserError where the user has a provider of our name, with which ours would be merged */
export function refuseOwnProvider(folder: UsersFolder, decisions: readonly Decision[]): void {
  const present = decisions.find(({ name }) => name === "openclaw.json")?.present;
  const path = openclawPaths(folder.path).gateway;
  const own = present ? findOwnProvider(path, textOf(present), new Includes(folder).text)[0] : undefined;
  if (!own) return;
  throw new UserError({
    problem: `There is a secret provider of your own that has our name: ${own.name}.`,
    got: `${own.file}, line ${own.line}`,
    expected: "that name left to us",
    fix: "Give yours another name, in its references as well; then run this again.",
  });
}
