import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJsonIfThere, writeJsonIfChanged, writePrivateFile } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import type { PlainFile } from "./folder/users-folder";

/** The files of OpenClaw's folder that are the user's, or become so where none are there. */
export const joinedNames = ["config.json", "openrouter.json5", "openclaw.json"] as const;
export type JoinedName = (typeof joinedNames)[number];

const placement = z.object({
  sha256: z.string(),
  /** Whether it is what was first found and ours, and nothing that somebody wrote since. */
  untouched: z.boolean(),
  /** What was declared in it. */
  declared: z.string(),
});
export type PlacementRecord = z.output<typeof placement>;

const joinedRecord = z.object({
  /** Its permissions as it was first found; null: there was no such file. */
  found: z.object({ mode: z.int() }).nullable(),
  /** There are two while a new one is being placed, since a run may be interrupted before or after that. */
  placed: z.array(placement),
});
export type JoinedRecord = z.output<typeof joinedRecord>;

const installedRecord = z.object({
  folder: z.string(),
  /** Who runs OpenClaw. @default the user who deploys */
  user: z.string().exactOptional(),
  /** The Node that runs the resolver. */
  node: z.string(),
  /** Whether the folder itself was made by us. */
  madeFolder: z.boolean(),
  files: z.partialRecord(z.enum(joinedNames), joinedRecord),
});
/** What the installer placed, and how it found what was there. */
export type InstalledRecord = z.output<typeof installedRecord>;

export function readInstalled(home: HomePaths): InstalledRecord | undefined {
  return readJsonIfThere(home.installed, installedRecord);
}

export function writeInstalled(home: HomePaths, record: InstalledRecord): void {
  writeJsonIfChanged(home.installed, record);
}

/** Keeps a user's file as it was first found, until it is given back. */
export function keepFirstFound(home: HomePaths, name: JoinedName, { bytes }: PlainFile): void {
  writePrivateFile(join(home.firstFound, name), bytes);
}

/** The user's files as they were first found. */
export function readFirstFound(
  home: HomePaths,
  record: InstalledRecord | undefined,
): Partial<Record<JoinedName, PlainFile>> {
  const found = joinedNames.flatMap((name) => {
    const mode = record?.files[name]?.found?.mode;
    return mode === undefined ? [] : [[name, { bytes: readFileSync(join(home.firstFound, name)), mode }]];
  });
  return Object.fromEntries(found);
}
