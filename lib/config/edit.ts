import { isDeepStrictEqual } from "node:util";
import { isObject } from "../core/is-object";
import { sourceOf } from "./file";
import type { SettingsSource } from "./source";

/** An item of a list, such as `check.accepted` holds. */
type Item = Readonly<Record<string, string>>;

/** One option of a group, such as `user` of `openclaw`. */
export interface GivenOption {
  readonly group: string;
  readonly name: string;
  /** A word that YAML takes without quotes; or items, which are put before those that a list of this name has. */
  readonly value: string | readonly Item[];
}

/**
 * Adds an option to the text of a settings file; everything else in it, comments included, stays byte for byte.
 * @param file its path; the extension selects the syntax
 * @returns undefined if only a person can edit the file safely
 */
export function withOption(content: string, file: string, option: GivenOption): string | undefined {
  const mark = content.startsWith("\uFEFF") ? "\uFEFF" : "";
  const text = content.slice(mark.length);
  const source = sourceOf(text, file);
  const { group, name, value } = option;
  const options = isObject(source.value) ? (source.value[group] ?? {}) : undefined;
  if (source.problems.length > 0 || !isObject(source.value) || !isObject(options)) return undefined;
  const list = typeof value === "string" ? undefined : options[name];
  const around = list ?? (group in source.value ? options : source.value);
  const put = list ? inList : source.syntax === "YAML" ? inYaml : inJson;
  const next = put(text, source, option, Object.keys(around).length === 0);
  const all = Array.isArray(list) ? [...value, ...list] : value;
  const wanted = { ...source.value, [group]: { ...options, [name]: all } };
  return isDeepStrictEqual(sourceOf(next, file).value, wanted) ? mark + next : undefined;
}

/** Puts an option into a text. @param isEmpty whether the list, the group or, without a group, the file is empty */
type Put = (text: string, source: SettingsSource, option: GivenOption, isEmpty: boolean) => string;

const inList: Put = (text, source, { group, name, value }, isEmpty) => {
  const items = typeof value === "string" ? [] : value.map(rendered);
  const begin = source.placeOf([group, name])?.begin ?? 0;
  if (text[begin] === "[") return asFirst(text, begin, items.join(", "), isEmpty);
  return asLines(
    text,
    begin,
    items.map((item) => `- ${item}`),
  );
};

const inJson: Put = (text, source, { group, name, value }, isEmpty) => {
  const given = `${JSON.stringify(name)}: ${typeof value === "string" ? JSON.stringify(value) : listOf(value)}`;
  const inGroup = source.placeOf([group]);
  if (inGroup) return asFirst(text, inGroup.begin, given, isEmpty);
  const whole = `${JSON.stringify(group)}: { ${given} }`;
  const root = source.placeOf([]);
  return root ? asFirst(text, root.begin, whole, isEmpty) : `{ ${whole} }${endOfLine(text)}${text}`;
};

const inYaml: Put = (text, source, { group, name, value }, isEmpty) => {
  const given = `${name}: ${typeof value === "string" ? value : listOf(value)}`;
  const place = source.placeOf([group]);
  if (place && text[place.begin] === "{") return asFirst(text, place.begin, given, isEmpty);
  if (place) return asLines(text, place.begin, [given]);
  const eol = endOfLine(text);
  const end = text === "" || text.endsWith("\n") ? "" : eol;
  return `${text}${end}${group}:${eol}  ${given}${eol}`;
};

/** Items as a list of JSON, which YAML takes too. */
function listOf(items: readonly Item[]): string {
  return `[${items.map(rendered).join(", ")}]`;
}

function rendered(item: Item): string {
  const members = Object.entries(item).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `{ ${members.join(", ")} }`;
}

/** Inserts members before the others of a block of YAML, each on a line of its own. */
function asLines(text: string, begin: number, members: readonly string[]): string {
  const column = begin - (text.lastIndexOf("\n", begin - 1) + 1);
  const end = `${endOfLine(text)}${" ".repeat(column)}`;
  return `${text.slice(0, begin)}${members.map((member) => member + end).join("")}${text.slice(begin)}`;
}

/**
 * Inserts a member before the others in braces or brackets, on a line of its own if the others have one.
 * @param begin the offset of the opening brace or bracket
 */
function asFirst(text: string, begin: number, member: string, isEmpty: boolean): string {
  const rest = text.slice(begin + 1);
  const line = /^[ \t]*(\r?\n)([ \t]*)/.exec(rest);
  const indent = (/^\s*[}\]]/.test(rest) ? "  " : "") + (line?.[2] ?? "");
  const lead = line ? `${line[1]}${indent}` : " ";
  const end = !isEmpty ? "," : /^\s/.test(rest) ? "" : " ";
  return `${text.slice(0, begin + 1)}${lead}${member}${end}${rest}`;
}

function endOfLine(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
