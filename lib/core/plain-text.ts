import { isObject } from "./is-object";
import { shortened } from "./text";

/**
 * Characters that a terminal obeys or that nobody sees: control characters (C0, DEL, C1), characters that reverse the order of
 * a line, other invisible ones, and Unicode's line and paragraph separators.
 */
const unseen = String.raw`\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}`;
const unseenRuns = new RegExp(String.raw`(?:(?!\n)[${unseen}])+`, "gu");
const unseenSigns = new RegExp(`[${unseen}]`, "gu");

/**
 * The signs with which a CI system's commands begin, which it obeys in a job's log: `::error::` at the begin of a line (GitHub), and
 * `##[group]`, `##vso[…]` and `##teamcity[…]` anywhere (GitHub, Azure, TeamCity).
 */
const commandOfLine = /^([^\S\n]*:)(?=:[a-z-]+(?: [^\n]*)?::)/gim;
const commandAnywhere = /#(?=#(?:vso|teamcity)?\[)/gi;

/** A text for people: a blank replaces each such character except line breaks, and no line of it is a command. */
export function plain(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(unseenRuns, " ")
    .replace(commandOfLine, "$1 ")
    .replace(commandAnywhere, "# ");
}

/** The same on one line. */
export function plainLine(text: string): string {
  return plain(text).replaceAll("\n", " ");
}

/** The same on one line of at most `most` characters, with one blank between words. */
export function shortLine(text: string, most: number): string {
  return shortened(plain(text).replace(/\s+/g, " ").trim(), most);
}

/** The same value with each text in it on one line. */
export function onOneLine<T>(value: T): T;
export function onOneLine(value: unknown): unknown {
  if (typeof value === "string") return plainLine(value);
  if (Array.isArray(value)) return value.map((each) => onOneLine(each));
  if (value instanceof Map) return new Map(onOneLine([...value]));
  return isObject(value) ? Object.fromEntries(onOneLine(Object.entries(value))) : value;
}

/** A value as JSON with all such characters escaped: a parser reads the same value, and neither a terminal nor a log obeys it. */
export function plainJson(value: unknown): string {
  const code = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  // A character outside the first plane is two escapes in JSON.
  const escaped = (sign: string) => (sign === "\n" ? sign : sign.split("").map(code).join(""));
  return JSON.stringify(value, null, 2).replace(unseenSigns, escaped).replace(commandAnywhere, escaped);
}
