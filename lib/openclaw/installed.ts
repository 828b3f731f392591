import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writePrivateFile } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import { defineRecord } from "../store/records/record";
import type { PlainFile } from "./folder/users-folder";

/** The files of OpenClaw's folder that belong to the user. If one is missing, the install creates it. */
export const joinedNames = ["config.json", "openrouter.json5", "openclaw.json"] as const;
export type JoinedName = (typeof joinedNames)[number];

const placement = z.object({
  sha256: z.string(),
  /** Whether it holds only the original and the managed parts, and nobody edited it in between. */
  untouched: z.boolean(),
  /** The declared text that was merged into it. */
  declared: z.string(),
});
export type PlacementRecord = z.output<typeof placement>;

const joinedRecord = z.object({
  /** The permissions of the original file; null if there was none. */
  found: z.object({ mode: z.int() }).nullable(),
  /** The written versions: two while a new one is being written, since a run can be interrupted before or after that. */
  placed: z.array(placement),
});
export type JoinedRecord = z.output<typeof joinedRecord>;

const installedRecord = z.object({
  folder: z.string(),
  /** Who runs OpenClaw. @default the user who deploys */
  user: z.string().exactOptional(),
  /** The Node that runs the resolver. */
  node: z.string(),
  /** Whether the install created the folder itself. */
  madeFolder: z.boolean(),
  files: z.partialRecord(z.enum(joinedNames), joinedRecord),
});
/** The record of an install: what it placed, and what it found. */
export type InstalledRecord = z.output<typeof installedRecord>;

const file = defineRecord("installed", installedRecord);
export const readInstalled = file.read;
export const writeInstalled = file.write;

/** Keeps a user's original file until the uninstall restores it. */
export function keepFirstFound(home: HomePaths, name: JoinedName, { bytes }: PlainFile): void {
  writePrivateFile(join(home.firstFound, name), bytes);
}

/** The user's original files. */
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
