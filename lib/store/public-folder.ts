import { chmodSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { attempt } from "../core/attempt";
import { writePrivateFile } from "../core/files/files";
import { nearestExisting, requireTrusted } from "../core/files/trusted-path";

const ofRoot = "/var/lib/openclaw-openrouter";

/**
 * The folder from which every user of this host can read the non-secret files of an instance: `/var/lib/openclaw-openrouter`
 * for root, `~/.local/share/openclaw-openrouter` for another user, or OPENCLAW_OPENROUTER_PUBLIC.
 */
export function publicFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.getuid?.() === 0) return rootsPublicFolder(environment);
  const named = environment.OPENCLAW_OPENROUTER_PUBLIC;
  return named ? resolve(named) : join(homedir(), ".local/share/openclaw-openrouter");
}

/** The public folder of root's instances, for any user. */
export function rootsPublicFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(environment.OPENCLAW_OPENROUTER_PUBLIC || ofRoot);
}

/**
 * Writes a file that every user can read.
 * @throws UserError if this is root, and another user could exchange the folder: others trust the CA in it
 */
export function writePublicFile(path: string, text: string): void {
  const folder = dirname(path);
  // Before it is made, too: by another user's link it would be made where that leads.
  requireRoots(nearestExisting(folder), true);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  requireRoots(folder, false);
  // The caller's umask may have removed these permissions.
  chmodSync(folder, 0o755);
  writePrivateFile(path, text, 0o644);
}

function requireRoots(folder: string, mayBeSticky: boolean): void {
  if (process.getuid?.() !== 0) return;
  requireTrusted(folder, "The folder of the files for all users", {
    fix: "Unset OPENCLAW_OPENROUTER_PUBLIC, or set it to a folder of root's.",
    mayBeSticky,
  });
}

/** Removes such a file, and the folder with the last one. */
export function removePublicFile(path: string): void {
  rmSync(path, { force: true });
  attempt(() => rmdirSync(dirname(path)));
}
