import { readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { type GivenOption, withOption } from "../../config/edit";
import { parseSettings, settingsFileNames } from "../../config/file";
import { attempt } from "../../core/attempt";
import { writePrivateFile } from "../../core/files/files";
import { requireTrusted } from "../../core/files/trusted-path";
import type { Deployment } from "../../model/deployment";
import { ensureHome } from "../../store/home";

/** The settings file of an instance, and whether it exists. */
export interface SettingsPlace {
  readonly path: string;
  readonly exists: boolean;
}

/** @param file the settings file of the instance. @default none exists: the place is one in the instance directory */
export function settingsPlace({ home }: Pick<Deployment, "home">, file: string | undefined): SettingsPlace {
  return file === undefined
    ? { path: join(home.root, settingsFileNames[0] as string), exists: false }
    : { path: file, exists: true };
}

/**
 * The text of a settings file with more options.
 * @returns undefined if only a person can add them: the file has an unusual form, or other options exclude them
 */
export function withOptions(
  { path, exists }: SettingsPlace,
  instance: string,
  options: readonly GivenOption[],
): string | undefined {
  const text = options.reduceRight<string | undefined>(
    (before, option) => (before === undefined ? undefined : withOption(before, path, option)),
    exists ? readFileSync(path, "utf8") : "",
  );
  return text !== undefined && attempt(() => parseSettings(text, path, instance)) ? text : undefined;
}

/** Writes the text of a settings file. A link stays a link: its target is written. */
export function writeSettings({ path, exists }: SettingsPlace, text: string): void {
  if (!exists) {
    ensureHome(join(path, ".."));
    writePrivateFile(path, text);
    return;
  }
  const file = realpathSync(path);
  requireTrusted(file, "The settings file");
  writePrivateFile(file, text, statSync(file).mode & 0o777);
}
