import { basename, join } from "node:path";
import { writePrivateFile } from "../instance/files";
import { ensureHome, instanceHome } from "../instance/home";
import { findSettingsFile, settingsFileNames } from "../settings-file";
import type { Archive } from "./archive";
import { settingsPrefix } from "./make-backup";

/**
 * Puts a backup's settings into the home of an instance that is not there yet, unless there are some for it already.
 * @param explicitPath `--settings`
 */
export function placeSettings(
  instance: string,
  { members }: Archive,
  explicitPath: string | undefined,
): void {
  const home = instanceHome(instance);
  const settings = members.find(({ name }) => name.startsWith(settingsPrefix));
  if (!settings || explicitPath) return;
  if (findSettingsFile({ instance, home, projectRoot: process.cwd() })) return;
  const given = basename(settings.name);
  // It may have had any name where --settings named it.
  const name = settingsFileNames.includes(given)
    ? given
    : `openrouter.settings${/\.ya?ml$/.test(given) ? ".yaml" : ".json"}`;
  ensureHome(home);
  writePrivateFile(join(home, name), settings.content);
}
