import { join } from "node:path";
import { UserError } from "../core/errors";
import { sha256 } from "../core/fingerprint";
import { homePaths } from "../model/home-paths";
import { openclawPaths } from "../model/openclaw/openclaw-paths";
import { Includes } from "./folder/includes";
import type { PlainFile, UsersFolder } from "./folder/users-folder";
import type { JoinedName, JoinedRecord, PlacementRecord } from "./installed";
import { byHand, joinFile } from "./joined-files";
import { withoutLeftovers } from "./leftovers";
import { findOwnProvider } from "./overrides";
import { textOf } from "./plain-file";

/** The decision on one of the user's files, made before anything is written. */
export interface Decision {
  readonly name: JoinedName;
  readonly path: string;
  readonly present: PlainFile | undefined;
  /** The content to write. */
  readonly next: string;
  readonly mode: number;
  /** The original file: as this run, or the run that wrote the record, first found it. */
  readonly first: PlainFile | undefined;
  readonly placement: PlacementRecord;
}

interface DecideOptions {
  readonly root: string;
  /** The path of OpenClaw's folder. */
  readonly path: string;
  /** The opened folder; undefined if it does not exist yet. */
  readonly folder: UsersFolder | undefined;
  readonly name: JoinedName;
  readonly declared: string;
  /** The declared fragment. */
  readonly fragment: string;
  readonly before: JoinedRecord | undefined;
  readonly first: PlainFile | undefined;
}

/**
 * Decides the next content of a file, which it reads as the user who runs OpenClaw.
 * @throws UserError if it cannot be merged, or is not a plain file of that user
 */
export function decide(options: DecideOptions): Decision {
  const { folder, name, declared, before, first } = options;
  const path = join(options.path, name);
  const present = folder?.read(name);
  const known = before ? first : present;
  // A file that was removed since is rewritten from the original, merged.
  const base = present ?? known;
  const next = joined(options, path, base, known);
  const lastWritten =
    present && before?.placed.find((placement) => placement.sha256 === sha256(present.bytes));
  const isAsFound = !before || !present || (known?.bytes.equals(present.bytes) ?? false);
  return {
    name,
    path,
    present,
    next,
    // The gateway's file can be open to a group for a reason; the others are private.
    mode: name === "openclaw.json" && base ? base.mode : 0o600,
    first: known,
    placement: { sha256: sha256(next), untouched: lastWritten?.untouched ?? isAsFound, declared },
  };
}

function joined(
  { root, name, declared, fragment, before }: DecideOptions,
  path: string,
  base: PlainFile | undefined,
  known: PlainFile | undefined,
): string {
  if (name === "openrouter.json5") {
    if (!base || before || base.bytes.equals(Buffer.from(declared))) return declared;
    throw new UserError({
      problem: `${path} already exists, and this program did not write it.`,
      got: "a file of your own",
      expected: "no file: this program writes it, and the gateway's openclaw.json includes it",
      fix: "Move it away, then run this again.",
    });
  }
  try {
    const text = base && textOf(base, path);
    const isCleaned = text !== undefined && name === "openclaw.json" && before !== undefined;
    const own = isCleaned ? withoutLeftovers(text, fragment, known && textOf(known, path)) : text;
    return joinFile(name, own, declared);
  } catch (error) {
    throw new UserError(
      {
        problem: `${path} cannot be merged with the declared configuration. Nothing was changed.`,
        got: (error as Error).message,
        expected: `${name === "config.json" ? "JSON" : "JSON5"} that holds an object`,
        fix: `Fix it, then run this again.\n${byHand(name, join(homePaths(root).rendered, name))}`,
      },
      { cause: error },
    );
  }
}

/** @throws UserError if the user has a secret provider of the managed name: the gateway would merge the two */
export function refuseOwnProvider(folder: UsersFolder, decisions: readonly Decision[]): void {
  const decided = decisions.find(({ name }) => name === "openclaw.json");
  const path = openclawPaths(folder.path).gateway;
  if (!decided?.present) return;
  const read = new Includes(folder).text;
  // What OpenClaw copied there goes; the line is that of the unchanged file.
  const stays = findOwnProvider(path, decided.next, read).length > 0;
  const own = stays ? findOwnProvider(path, textOf(decided.present, path), read)[0] : undefined;
  if (!own) return;
  throw new UserError({
    problem: `A secret provider of your own has the name that this program uses: ${own.name}.`,
    got: `${own.file}, line ${own.line}`,
    expected: "no secret provider of that name",
    fix: "Rename yours, and its references; then run this again.",
  });
}
