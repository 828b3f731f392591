import { normalize } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  evaluated,
  type Json5,
  type MemberNode,
  memberOf,
  type ObjectNode,
  parseJson5,
  rangeOf,
  type ValueNode,
} from "./json5";
import { type Splice, splice } from "./splice";

/** The fragment's path in the user's openclaw.json, relative to it. */
export const includeName = "./openrouter.json5";

/** The gateway does not start without a mode. */
const gateway = { mode: "local" };

/** The openclaw.json for a user who has none. */
export const smallGatewayConfig = `{
  "$include": ["${includeName}"],
  "gateway": { "mode": "${gateway.mode}" }
}
`;

/**
 * Adds the fragment's include to a user's openclaw.json; all other text, comments and layout stay unchanged. The fragment
 * becomes the last of several includes, since the last one wins.
 * @throws Error if the text is not JSON5, or not an object
 */
export function addInclude(text: string): string {
  const config = parseJson5(text);
  const { root } = config;
  if (root.type !== "Object") throw new Error("it is not an object");
  const member = memberOf(root, "$include");
  if (!member) return splice(text, [insertion(config, root, `"$include": ["${includeName}"]`)]);
  if (includesOf(root).some(isOurs)) return text;
  const [begin, end] = rangeOf(member.value);
  const own = JSON.stringify(includeName);
  if (member.value.type === "String")
    return splice(text, [{ at: [begin, end], text: `[${text.slice(begin, end)}, ${own}]` }]);
  if (member.value.type !== "Array") throw new Error("its $include is neither a string nor a list");
  const last = member.value.elements.at(-1);
  if (!last) return splice(text, [{ at: [begin + 1, begin + 1], text: own }]);
  const after = rangeOf(last.value)[1];
  return splice(text, [{ at: [after, after], text: `, ${own}` }]);
}

/**
 * Removes the include from a file that was edited since.
 * @param first the original file; undefined if there was none
 * @returns undefined if nothing is left and there was no original file
 */
export function removeInclude(text: string, first: string | undefined): string | undefined {
  const without = withoutInclude(text, first);
  if (first !== undefined) return without;
  const config = parseJson5(without);
  const mode = memberOf(config.root, "gateway");
  const isOurMode = mode !== undefined && isDeepStrictEqual(evaluated(mode.value), gateway);
  const rest = isOurMode ? splice(without, removal(config, config.root, mode)) : without;
  return isDeepStrictEqual(evaluated(parseJson5(rest).root), {}) ? undefined : rest;
}

function withoutInclude(text: string, first: string | undefined): string {
  const config = parseJson5(text);
  const member = memberOf(config.root, "$include");
  const includes = includesOf(config.root);
  if (!member || !includes.some(isOurs)) return text;
  const original = first === undefined ? undefined : memberOf(parseJson5(first).root, "$include");
  const others = includes.filter((name) => !isOurs(name));
  if (!original && others.length === 0) return splice(text, removal(config, config.root, member));
  if (original?.value.type === "String" && others.length === 1)
    return splice(text, [{ at: rangeOf(member.value), text: JSON.stringify(others[0]) }]);
  if (member.value.type !== "Array") return splice(text, removal(config, config.root, member));
  const ours = member.value.elements.find(({ value }) => value.type === "String" && isOurs(value.value));
  return ours ? splice(text, removal(config, member.value, ours.value)) : text;
}

/** Whether an openclaw.json includes the fragment. @throws Error if the text is not JSON5 */
export function hasInclude(text: string): boolean {
  return includesOf(parseJson5(text).root).some(isOurs);
}

/** The files that an object's `$include` names. */
export function includesOf(node: ValueNode): string[] {
  const member = memberOf(node, "$include");
  const named = member && evaluated(member.value);
  return (Array.isArray(named) ? named : [named]).filter((name) => typeof name === "string");
}

function isOurs(name: string): boolean {
  return normalize(name) === normalize(includeName);
}

/** Inserts a member at the start of an object: on a new line if the object spans lines. */
function insertion({ text, document }: Json5, object: ObjectNode, member: string): Splice {
  const [begin, end] = rangeOf(object);
  const next = object.members[0] ? rangeOf(object.members[0])[0] : end - 1;
  // A comment after the brace belongs to the brace.
  const lineEnd = endOfLine(text, begin);
  const comment = (document.tokens ?? [])
    .filter(({ type }) => type === "LineComment" || type === "BlockComment")
    .map(rangeOf)
    .findLast(([from, to]) => from > begin && from < lineEnd && to <= next);
  const at = comment?.[1] ?? begin + 1;
  const between = text.slice(at, next);
  const comma = object.members.length > 0 ? "," : "";
  const eol = /\r\n|[\n\r\u2028\u2029]/.exec(between)?.[0];
  if (eol === undefined)
    return { at: [next, next], text: object.members.length > 0 ? `${member}, ` : member };
  const indent =
    object.members.length > 0
      ? (/[\n\r\u2028\u2029]([^\S\n\r\u2028\u2029]*)$/.exec(between)?.[1] ?? "  ")
      : "  ";
  return { at: [at, at], text: `${eol}${indent}${member}${comma}` };
}

function endOfLine(text: string, from: number): number {
  const found = text.slice(from).search(/[\n\r\u2028\u2029]/);
  return found === -1 ? text.length : from + found;
}

/** Removes a member or element with one comma, and its line if nothing else is on it. */
export function removal(
  { text, document }: Json5,
  container: ValueNode,
  part: MemberNode | ValueNode,
): Splice[] {
  const [begin, end] = rangeOf(part);
  const marks = (document.tokens ?? [])
    .filter(({ type }) => type !== "LineComment" && type !== "BlockComment")
    .map((token) => ({ isComma: token.type === "Comma", at: rangeOf(token) }));
  const after = marks.find(({ at }) => at[0] >= end);
  const before = marks.findLast(({ at }) => at[1] <= begin);
  const isBlank = (from: number, to: number) => text.slice(from, to).trim() === "";
  if (after?.isComma) {
    if (isBlank(end, after.at[0])) return [withBlanks(text, begin, after.at[1])];
    return [withBlanks(text, begin, end), { at: after.at, text: "" }];
  }
  if (!before?.isComma || before.at[0] < rangeOf(container)[0]) return [withBlanks(text, begin, end)];
  if (isBlank(before.at[1], begin)) return [{ at: [before.at[0], end], text: "" }];
  return [withBlanks(text, begin, end), { at: before.at, text: "" }];
}

function withBlanks(text: string, begin: number, end: number): Splice {
  const isLineEnd = /^[^\S\n\r\u2028\u2029]*([\n\r\u2028\u2029]|$)/.test(text.slice(end));
  const before = isLineEnd ? begin - text.slice(0, begin).trimEnd().length : 0;
  const behind = isLineEnd ? 0 : (/^[^\S\n\r\u2028\u2029]*/.exec(text.slice(end))?.[0].length ?? 0);
  return { at: [begin - before, end + behind], text: "" };
}
