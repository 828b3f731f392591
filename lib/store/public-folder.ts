import { chmodSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { writePrivateFile } from "../core/files/files";

const ofRoot = "/var/lib/openclaw-openrouter";

/**
 * Where every user of this host can read what is no secret of an instance: `/var/lib/openclaw-openrouter` for root,
 * `~/.local/share/openclaw-openrouter` for another user, or OPENCLAW_OPENROUTER_PUBLIC.
 */
export function publicFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (process.getuid?.() === 0) return rootsPublicFolder(environment);
  const named = environment.OPENCLAW_OPENROUTER_PUBLIC;
  return named ? resolve(named) : join(homedir(), ".local/share/openclaw-openrouter");
}

/** The one of root's instances, for whoever reads it. */
export function rootsPublicFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(environment.OPENCLAW_OPENROUTER_PUBLIC || ofRoot);
}

/** Writes a file that everybody may read. */
export function writePublicFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  // Whatever the caller's umask took away.
  chmodSync(dirname(path), 0o755);
  writePrivateFile(path, text, 0o644);
}
