import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Contents } from "../../backup/contents";
import { findSettingsFile } from "../../config/file";
import { writePrivateFile } from "../../core/files/files";
import { ensureHome, instanceHome } from "../../store/home";

/**
 * Whether a new instance takes its settings from a backup: yes, unless the host already has settings for it.
 * @param explicitPath `--settings`
 */
export function takesSettings(instance: string, explicitPath: string | undefined): boolean {
  if (explicitPath) return false;
  return (
    findSettingsFile({ instance, home: instanceHome(instance), projectRoot: process.cwd() }) === undefined
  );
}

/** Writes a backup's settings, after review and consent, to the instance directory. */
export function placeSettings(instance: string, { settings }: Contents): void {
  if (!settings) return;
  const home = instanceHome(instance);
  ensureHome(home);
  const path = join(home, settings.name);
  if (!existsSync(path)) writePrivateFile(path, settings.text);
}
