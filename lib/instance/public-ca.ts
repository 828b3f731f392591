import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { readTextIfThere, writePrivateFile } from "./files";

/**
 * Where every user of this host can read an instance's CA certificates: `/var/lib/openclaw-openrouter` for root,
 * `~/.local/share/openclaw-openrouter` for another user, or OPENCLAW_OPENROUTER_PUBLIC. There is no secret in it.
 */
export function publicCaFile(instance: string, environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.OPENCLAW_OPENROUTER_PUBLIC;
  if (named) return join(resolve(named), `${instance}-ca.pem`);
  const folder =
    process.getuid?.() === 0
      ? "/var/lib/openclaw-openrouter"
      : join(homedir(), ".local/share/openclaw-openrouter");
  return join(folder, `${instance}-ca.pem`);
}

/** Brings the readable copy to what the instance pins. */
export function publishCa(instance: string, caFile: string): void {
  const text = readTextIfThere(caFile);
  const path = publicCaFile(instance);
  if (text === undefined || readTextIfThere(path) === text) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  // Whatever the caller's umask took away.
  chmodSync(dirname(path), 0o755);
  writePrivateFile(path, text, 0o644);
}

/** Takes it away with the instance. */
export function removePublishedCa(instance: string): void {
  rmSync(publicCaFile(instance), { force: true });
}
