import { z } from "zod";
import { readJsonIfThere } from "../core/files/files";
import { accountOf } from "../core/os-user";
import type { HomePaths } from "../model/home-paths";
import { placeCa, placeCredential } from "./own-files";

/** Where the resolver was placed, and for whom. */
const placed = z.object({ folder: z.string(), user: z.string().exactOptional() });

/** Gives OpenClaw's resolver the CA certificates that verify Vault's by now, if one was placed that needs them. */
export function renewPlacedCa(home: HomePaths, caFile: string): void {
  const record = readJsonIfThere(home.installed, placed);
  if (record) placeCa(record.folder, caFile, accountOf(record.user));
}

/** Gives OpenClaw's resolver the reader's new credential, where a resolver was placed. */
export function renewPlacedCredential(home: HomePaths): void {
  const record = readJsonIfThere(home.installed, placed);
  if (record) placeCredential(home.root, record.folder, accountOf(record.user));
}
