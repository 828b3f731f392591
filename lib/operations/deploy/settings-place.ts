import { readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { type GivenOption, withOption } from "../../config/edit";
import { parseSettings, settingsFileNames } from "../../config/file";
import { attempt } from "../../core/attempt";
import { writePrivateFile } from "../../core/files/files";
import { requireTrusted } from "../../core/files/trusted-path";
import type { Deployment } from "../../model/deployment";
import { ensureHome } from "../../store/home";
import { settingsFileRecord } from "../../store/records/settings-file-record";

/** Whom a deploy asks, before it writes the answer to the settings of an instance. */
export interface Asking {
  readonly deployment: Deployment;
  /** Asks a person. Undefined if nobody can be asked. */
  readonly confirm: ((question: string, byDefault: boolean) => Promise<boolean>) | undefined;
  /** Prints a line for the person. */
  readonly say: (line: string) => void;
}

/** The settings file of an instance, and whether it exists. */
export interface SettingsPlace {
  readonly path: string;
  readonly exists: boolean;
}

/** The instance's own settings file, or, if it has none, a place for one in the instance directory. */
export function settingsPlace({
  home,
  settingsFile,
}: Pick<Deployment, "home" | "settingsFile">): SettingsPlace {
  return settingsFile === undefined
    ? { path: join(home.root, settingsFileNames[0] as string), exists: false }
    : { path: settingsFile, exists: true };
}

/** What a person should know before a deploy: its settings come from another file than those of the last deploy. */
export function describeSettingsFile({ home, settingsFile }: Deployment): string[] {
  const last = settingsFileRecord.read(home)?.file;
  if (last === undefined || last === settingsFile) return [];
  return [`Settings: ${settingsFile}; the last deploy used ${last}.`];
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
