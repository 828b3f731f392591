import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Contents } from "../../backup/contents";
import { findSettingsFile } from "../../config/file";
import { writePrivateFile } from "../../core/files/files";
import { ensureHome, instanceHome } from "../../store/home";

/**
 * Whether a backup's settings become those of an instance that is not there yet: unless the restorer has some for it already.
 * @param explicitPath `--settings`
 */
export function takesSettings(instance: string, explicitPath: string | undefined): boolean {
  if (explicitPath) return false;
  return (
    findSettingsFile({ instance, home: instanceHome(instance), projectRoot: process.cwd() }) === undefined
  );
}

/** Puts a backup's settings, which were judged and agreed to, into the instance's home. */
export function placeSettings(instance: string, { settings }: Contents): void {
  if (!settings) return;
  const home = instanceHome(instance);
  ensureHome(home);
  const path = join(home, settings.name);
  if (!existsSync(path)) writePrivateFile(path, settings.text);
}
