import { lstatSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type UserError, wrongUsage } from "../core/errors";
import { whyUnread } from "../core/files/files";
import { requireTrusted } from "../core/files/trusted-path";
import { quote } from "../core/text";
import { describeOption, optionAt } from "./json-schema";
import {
  externalVaultProblems,
  misplacedOptions,
  modelProblems,
  schemaProblems,
  secretProblem,
  settingsError,
  textProblems,
} from "./problems";
import { findSecrets } from "./secrets";
import { type Settings, settingsSchema } from "./settings";
import { type Path, parseJsonSource, parseYamlSource, type SettingsSource } from "./source";

/** The possible names of a settings file. */
export const settingsFileNames = [".json", ".jsonc", ".yaml", ".yml"].map(
  (end) => `openrouter.settings${end}`,
);

/** A name that is not read: a file of it is refused, since its settings would be ignored without a word. */
const unreadNames = ["openrouter.settings.json5"];

export interface LoadSettingsOptions {
  /** Name of the instance. */
  readonly instance: string;
  /** The file that `--settings` names. @default the file is searched for in `home`, then in `projectRoot` */
  readonly explicitPath?: string;
  /** The instance directory: an absolute path. */
  readonly home: string;
  /** Searched for the instance `default` only. @default not searched */
  readonly projectRoot?: string;
  /** The file of the last deploy: used if no other is found and it still exists. @default none */
  readonly last?: string;
}

interface LoadedSettings {
  readonly settings: Settings;
  /** The file that they come from, an absolute path; none if all of them are defaults. */
  readonly file?: string;
}

/**
 * Finds, reads and checks the settings of an instance. No file at all gives the defaults. For the instance `sandbox`, the fixed
 * options have their general defaults: the caller sets the fixed values.
 * @throws UserError (wrong usage) that names every problem of the file and shows no secret; UserError if another user could
 * exchange the file
 */
export function loadSettings(options: LoadSettingsOptions): LoadedSettings {
  const file = findSettingsFile(options);
  if (file === undefined) return { settings: settingsSchema.parse({}) };
  return { settings: parseSettings(read(file), file, options.instance), file };
}

/**
 * The settings file of an instance, an absolute path; undefined if there is none.
 * @throws UserError if another user could exchange it: settings name programs that are run and servers that get the key
 */
export function findSettingsFile(options: LoadSettingsOptions): string | undefined {
  const file = search(options);
  if (file !== undefined) requireTrusted(file, "The settings file", { fix: copyOf(file, options) });
  return file;
}

/** What helps against a refused file. @returns undefined for one in the instance directory: its copy would be the file itself */
function copyOf(file: string, { home, explicitPath, projectRoot }: LoadSettingsOptions): string | undefined {
  if (dirname(file) === home) return undefined;
  const copy = join(home, `openrouter.settings${extname(file)}`);
  const here = dirname(file) === projectRoot ? "Run this in another folder, or copy" : "Copy";
  const way =
    explicitPath === undefined
      ? `${here} the file, read the copy, and run this again`
      : "Copy the file, read the copy, and run this again without --settings";
  return `${way}:\ninstall -d -m 700 ${quote(home)} && install -m 600 ${quote(file)} ${quote(copy)}`;
}

function search(options: LoadSettingsOptions): string | undefined {
  if (options.explicitPath !== undefined) return resolve(options.explicitPath);
  const folders = [options.home];
  if (options.instance === "default" && options.projectRoot) folders.push(options.projectRoot);
  for (const folder of folders) {
    const present = [...settingsFileNames, ...unreadNames]
      .map((name) => join(folder, name))
      .filter(isPresent);
    if (present.length > 1) {
      throw wrongUsage({
        problem: `There are several settings files in ${folder}.`,
        got: present.map((path) => basename(path)).join(", "),
        expected: "one of them",
        fix: "Remove all but one, or name one by --settings.",
      });
    }
    if (present[0]) return present[0];
  }
  return options.last !== undefined && isPresent(options.last) ? options.last : undefined;
}

/**
 * Checks the text of a settings file. @param file its path; the extension selects the syntax, and the error names it
 * @throws UserError (wrong usage), as {@link loadSettings}
 */
export function parseSettings(content: string, file: string, instance: string): Settings {
  // Editors on other systems put a byte order mark first.
  const text = content.replace(/^\uFEFF/, "");
  const source = sourceOf(text, file);
  const secrets = findSecrets(text, source, (path) => optionAt(path) !== undefined);
  const problems = secrets.map((secret) => secretProblem(secret, source));
  problems.push(...misplacedOptions(source, instance));
  problems.push(...externalVaultProblems(source));
  // An option that is not allowed at all is not also reported for its form.
  const refused = new Set(problems.map(({ path }) => path?.join(".")));
  problems.push(...textProblems(source));

  if (source.value !== undefined) {
    const result = settingsSchema.safeParse(source.value, {
      error: (issue) => describeOption(optionAt((issue.path ?? []) as Path)),
    });
    if (result.success) problems.push(...modelProblems(result.data.models, source));
    if (result.success && problems.length === 0) return result.data;
    const wrong = schemaProblems(result.error?.issues ?? [], source);
    problems.push(...wrong.filter(({ path }) => !refused.has(path?.join("."))));
  }
  throw settingsError(file, text, problems, secrets.length > 0);
}

/** The values in the text of a settings file, and their places. @param file its path; the extension selects the syntax */
export function sourceOf(text: string, file: string): SettingsSource {
  switch (extname(file).toLowerCase()) {
    case ".json":
    case ".jsonc":
      return parseJsonSource(text);
    case ".yaml":
    case ".yml":
      return parseYamlSource(text);
    default:
      throw wrongUsage({
        problem: `The syntax of the settings file ${file} is unknown.`,
        got: extname(file) || "a name without an extension",
        expected: "a name that ends in .json, .jsonc, .yaml or .yml",
        fix: "Rename it. As .jsonc it can hold comments and trailing commas; names and texts are in double quotes.",
      });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** A dangling link counts as present: reading it fails, instead of silently giving the defaults. */
function isPresent(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(file: string, cause: unknown): UserError {
  return wrongUsage(
    {
      problem: `The settings file ${file} cannot be read.`,
      got: whyUnread(cause),
      expected: "a file that this user can read",
    },
    { cause },
  );
}
