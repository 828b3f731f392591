import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { defined } from "../core/defined";
import { type UserError, wrongUsage } from "../core/errors";
import { counted } from "../core/text";
import { listOptions, type OptionSchema, optionAt } from "./json-schema";
import { certainReplacement, outdatedModel } from "./outdated-models";
import { sandboxInstance } from "./sandbox";
import { type FoundSecret, hideSecrets } from "./secrets";
import type { Settings } from "./settings";
import { lineAndColumn, type Path, type SettingsSource } from "./source";

/** One problem in a settings file. No field holds a secret. */
interface SettingsProblem {
  /** Undefined if the problem is not in an option, but in a comment or the syntax. */
  readonly path?: Path;
  /** Its offset in the text. */
  readonly offset?: number;
  readonly got: string;
  readonly expected: string;
  readonly fix?: string;
}

/** The fixed options of the instance `sandbox`, so that it never touches a user's own parts. */
export const fixedInSandbox = [
  ["vault", "address"],
  ["vault", "container"],
  ["vault", "port"],
  ["vault", "listen"],
  ["vault", "listenName"],
  ["vault", "listenPublic"],
  ["openrouter", "baseUrl"],
  ["openclaw", "folder"],
  ["openclaw", "user"],
] as const;

/** The violations of the schema. A misspelt name comes with the nearest valid one. */
export function schemaProblems(
  issues: readonly z.core.$ZodIssue[],
  source: SettingsSource,
): SettingsProblem[] {
  const problems = issues.flatMap((issue): SettingsProblem[] => {
    const path = issue.path as Path;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((name) => {
        const expected = isComment(name) ? aComment(source) : suggest(path, name);
        return problemAt(source, [...path, name], "name", "an unknown option", expected);
      });
    }
    const got = showValue(valueAt(source.value, path), optionAt(path));
    return [problemAt(source, path, "begin", got, issue.message)];
  });
  // A text that breaks two rules of one form is one problem.
  const told = new Set<string>();
  return problems.filter(({ path, expected }) => {
    const key = JSON.stringify([path, expected]);
    return !told.has(key) && told.add(key);
  });
}

/** Whether a name stands for a comment, as in plain JSON: `_comment`, `//`. */
function isComment(name: string): boolean {
  return /^(_*comment\b|\/\/|#)/i.test(name);
}

function aComment({ syntax }: SettingsSource): string {
  return `a comment, which begins with ${syntax === "YAML" ? "`#`" : "`//`"}`;
}

/** Options that the instance does not have: in the sandbox its fixed options, elsewhere the sandbox's own options. */
export function misplacedOptions(source: SettingsSource, instance: string): SettingsProblem[] {
  return instance === sandboxInstance
    ? refused(
        source,
        fixedInSandbox,
        "an option that is fixed for the instance `sandbox`",
        "no such option, or another instance (`--instance NAME`)",
      )
    : refused(source, [["sandbox"]], "options of the instance `sandbox`", "no such options");
}

/** A problem for each of some options that the file has. */
function refused(
  source: SettingsSource,
  paths: readonly Path[],
  got: string,
  expected: string,
): SettingsProblem[] {
  return paths
    .filter((path) => valueAt(source.value, path) !== undefined)
    .map((path) => problemAt(source, path, "name", got, expected));
}

/** The options of an instance's own Vault. */
const ofOwnVault = [
  "port",
  "listen",
  "listenName",
  "listenPublic",
  "image",
  "memoryMegabytes",
  "ui",
  "telemetry",
  "shares",
  "threshold",
  "seal",
  "tls",
  "closeLoopback",
];

/** Options of the instance's own Vault in a file that names an external Vault. */
export function externalVaultProblems(source: SettingsSource): SettingsProblem[] {
  if (valueAt(source.value, ["vault", "address"]) === undefined) return [];
  return refused(
    source,
    ofOwnVault.map((name) => ["vault", name]),
    "an option of the instance's own Vault",
    "no such option, since `vault.address` names an external Vault",
  );
}

/** Outdated models without a single certain replacement. */
export function modelProblems(models: Settings["models"], source: SettingsSource): SettingsProblem[] {
  return Object.entries(models).flatMap(([role, id]) => {
    const outdated = outdatedModel(id);
    if (!outdated || certainReplacement(id) !== undefined) return [];
    const got = `${JSON.stringify(id)}, which ${outdated.why}`;
    const expected = outdated.candidates.map((candidate) => JSON.stringify(candidate)).join(" or ");
    return [problemAt(source, ["models", role], "begin", got, expected)];
  });
}

export function secretProblem(secret: FoundSecret, source: SettingsSource): SettingsProblem {
  const { path, offset, kind, fix } = secret;
  return {
    ...(path ? offsetOf(source, path, "begin") : {}),
    ...defined({ path, offset }),
    ...{ got: `${kind} (not shown)`, expected: "no secret in this file", fix: `${fix}.` },
  };
}

/** The problems of the text itself, before any option is checked. */
export function textProblems(source: SettingsSource): SettingsProblem[] {
  return source.problems.map(({ offset, message, duplicate }) =>
    duplicate
      ? { path: duplicate, offset, got: message, expected: "each name once" }
      : { offset, got: message, expected: `valid ${source.syntax}` },
  );
}

/** All problems of a file in one error, in the order of the text. */
export function settingsError(
  file: string,
  text: string,
  problems: readonly SettingsProblem[],
  secret: boolean,
): UserError {
  const sorted = [...problems].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  const count = counted(sorted.length, "problem");
  const blocks = sorted.map((problem) => {
    const { path, offset, got, expected, fix } = problem;
    const place = offset === undefined ? undefined : lineAndColumn(text, offset);
    const where = [path?.join("."), place && `line ${place.line}, column ${place.column}`].filter(Boolean);
    const lines = [`  ${where.join(" · ")}`, `    got:      ${got}`, `    expected: ${expected}`];
    if (fix) lines.push(`    fix:      ${fix}`);
    return hideSecrets(lines.join("\n"));
  });
  return wrongUsage({
    problem: [`${count} in the settings file ${file}; nothing was changed.`, ...blocks].join("\n"),
    ...(secret ? { fix: "If others could read this file, or if it was committed, replace the secret." } : {}),
  });
}

function problemAt(
  source: SettingsSource,
  path: Path,
  part: "name" | "begin",
  got: string,
  expected: string,
): SettingsProblem {
  return { path, ...offsetOf(source, path, part), got, expected };
}

/** The place of an option, else of the nearest group around it that is in the text. */
function offsetOf(source: SettingsSource, path: Path, part: "name" | "begin"): { offset?: number } {
  const place = source.placeOf(path);
  if (place) return { offset: place[part] };
  return path.length === 0 ? {} : offsetOf(source, path.slice(0, -1), "name");
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, name) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, name)
        ? (node as Record<string | number, unknown>)[name]
        : undefined,
    value,
  );
}

const longestShown = 40;

function showValue(value: unknown, option: OptionSchema | undefined): string {
  if (value === undefined)
    return option?.default === undefined ? "nothing" : `${JSON.stringify(option.default)} (the default)`;
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a group of options";
  if (typeof value !== "string") return String(value);
  const shown = hideSecrets(value);
  return JSON.stringify(shown.length > longestShown ? `${shown.slice(0, longestShown)}…` : shown);
}

/** The nearest sibling, else an option of that name elsewhere, else all siblings. */
function suggest(group: Path, name: string): string {
  const siblings = Object.keys(optionAt(group)?.properties ?? {});
  const nearest = closestName(name, siblings);
  if (nearest) return `did you mean \`${[...group, nearest].join(".")}\`?`;
  const options = listOptions().map(([path]) => path);
  const nearestElsewhere = closestName(
    name,
    options.map((path) => String(path.at(-1))),
  );
  const elsewhere = options.filter((path) => path.at(-1) === nearestElsewhere);
  if (elsewhere.length > 0)
    return `did you mean ${elsewhere.map((path) => `\`${path.join(".")}\``).join(" or ")}?`;
  return `one of ${siblings.filter((sibling) => sibling !== "$schema").join(", ")}`;
}

function closestName(name: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const byPlain = new Map(names.map((candidate) => [plain(candidate), candidate]));
  const nearest = closest(plain(name), [...byPlain.keys()]);
  return distance(plain(name), nearest) <= Math.max(1, Math.floor(nearest.length / 3))
    ? byPlain.get(nearest)
    : undefined;
}

/** `max_tokens`, `max-tokens` and `MaxTokens` all mean `maxTokens`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}
