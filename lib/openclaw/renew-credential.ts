import { z } from "zod";
import { readJsonIfThere } from "../core/files/files";
import { accountOf } from "../core/os-user";
import type { HomePaths } from "../model/home-paths";
import { placeCa, placeCredential } from "./own-files";

/** The resolver's folder and user. */
const placed = z.object({ folder: z.string(), user: z.string().exactOptional() });

/** Copies the current CA certificates to OpenClaw's resolver, if one is installed that needs them. */
export function renewPlacedCa(home: HomePaths, caFile: string): void {
  const record = readJsonIfThere(home.installed, placed);
  if (record) placeCa(record.folder, caFile, accountOf(record.user));
}

/** Copies the reader's new credential to OpenClaw's resolver, if one is installed. */
export function renewPlacedCredential(home: HomePaths): void {
  const record = readJsonIfThere(home.installed, placed);
  if (record) placeCredential(home.root, record.folder, accountOf(record.user));
}
