import { isDeepStrictEqual } from "node:util";
import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type Node,
  type ParseError,
  parseTree,
} from "jsonc-parser";
import { UserError } from "../errors";

/** The sections of the guide's config.json that are ours. Each is replaced as a whole; all else is the user's. */
const sections: readonly (readonly string[])[] = [
  ["instance_name"],
  ["environment"],
  ["model"],
  ["vault"],
  ["agents", "defaults", "models"],
];

/**
 * Puts our sections into a user's config.json. What is equal already, and all that is not ours, keeps its text.
 * @param text the user's file: JSON; comments and trailing commas are let stand
 * @param ours the sections as they are declared, JSON
 * @throws UserError where the text does not parse, or has something else in the place of a section's group
 */
export function mergeSections(text: string, ours: string): string {
  const declared: unknown = JSON.parse(ours);
  return sections.reduce((merged, path) => {
    const value = valueAt(declared, path);
    const node = nodeAt(merged, path);
    if (node && isDeepStrictEqual(plainValue(node), value)) return merged;
    return setAt(merged, path, value);
  }, text);
}

/**
 * Takes our sections out of a file again that was edited since: each goes back to what it was first, unless somebody
 * changed it meanwhile.
 * @param placed our sections as they were placed, JSON
 * @param first the file as it was first found; undefined where there was none
 * @returns undefined where nothing is left in a file that was not there
 */
export function revertSections(text: string, placed: string, first: string | undefined): string | undefined {
  const declared: unknown = JSON.parse(placed);
  const reverted = sections.reduce((present, path) => {
    const node = nodeAt(present, path);
    if (!node || !isDeepStrictEqual(plainValue(node), valueAt(declared, path))) return present;
    const original = first === undefined ? undefined : nodeAt(first, path);
    if (original) {
      const content = first!.slice(original.offset, original.offset + original.length);
      return applyEdits(present, [{ offset: node.offset, length: node.length, content }]);
    }
    return removeAt(present, path, first);
  }, text);
  return first === undefined && isDeepStrictEqual(plainValue(parse(reverted)), {}) ? undefined : reverted;
}

/** Removes a value, and the groups around it that were made for it and are empty now. */
function removeAt(text: string, path: readonly string[], first: string | undefined): string {
  const removed = setAt(text, path, undefined);
  const group = path.slice(0, -1);
  if (group.length === 0 || (first !== undefined && nodeAt(first, group))) return removed;
  const node = nodeAt(removed, group);
  return node && isDeepStrictEqual(plainValue(node), {}) ? removeAt(removed, group, first) : removed;
}

function setAt(text: string, path: readonly string[], value: unknown): string {
  const formattingOptions = styleOf(text);
  return applyEdits(text, modify(text, [...path], value, formattingOptions ? { formattingOptions } : {}));
}

/** How a file is indented; undefined where it stands on one line. */
function styleOf(text: string) {
  const indent = /\n([ \t]+)"/.exec(text)?.[1];
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  if (indent === undefined)
    return text.trim() === "{}" || /\{\s*\n/.test(text) ? { insertSpaces: true, tabSize: 2, eol } : undefined;
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol,
  };
}

/** @throws UserError where a group on the way is there and is no object, or a name stands twice */
function nodeAt(text: string, path: readonly string[]): Node | undefined {
  const root = parse(text);
  for (let depth = 0; depth < path.length; depth++) {
    const group = depth === 0 ? root : findNodeAtLocation(root, path.slice(0, depth));
    if (!group) return undefined;
    if (group.type !== "object")
      throw misshaped(path.slice(0, depth).join(".") || "the whole", `a ${group.type}`, "an object");
    const names = (group.children ?? []).map((property) => property.children?.[0]?.value);
    const name = path[depth]!;
    if (names.filter((other) => other === name).length > 1)
      throw misshaped(path.slice(0, depth + 1).join("."), "a name that stands twice", "each name once");
  }
  return findNodeAtLocation(root, [...path]);
}

function parse(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (!root || errors.length > 0) throw misshaped("It", "text that is not JSON", "JSON");
  return root;
}

function misshaped(what: string, got: string, expected: string): UserError {
  return new UserError({
    problem: `${what} in OpenClaw's config.json is not as it is to be.`,
    got,
    expected,
  });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], value);
}

/** The parser's objects have no prototype, which would make them differ from all others. */
function plainValue(node: Node): unknown {
  return JSON.parse(JSON.stringify(getNodeValue(node)));
}
