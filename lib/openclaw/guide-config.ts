import { isDeepStrictEqual } from "node:util";
import {
  applyEdits,
  findNodeAtLocation,
  getNodeValue,
  modify,
  type Node,
  type ParseError,
  parseTree,
  visit,
} from "jsonc-parser";
import { type Splice, splice } from "./splice";

const mark = "\uFEFF";

/** The sections of the setup guide's config.json that are ours. Each is replaced as a whole; all else is the user's. */
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
 * @throws Error where the text does not parse, or has something else instead of a section's group
 */
export function mergeSections(text: string, ours: string): string {
  // Editors on other systems put a byte order mark first.
  if (text.startsWith(mark)) return mark + mergeSections(text.slice(mark.length), ours);
  const declared: unknown = JSON.parse(ours);
  return sections.reduce((merged, path) => {
    const value = valueAt(declared, path);
    const node = nodeAt(merged, path);
    if (value === undefined || (node && isDeepStrictEqual(plainValue(node), value))) return merged;
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
  if (text.startsWith(mark)) {
    const rest = revertSections(text.slice(mark.length), placed, first?.replace(mark, ""));
    return rest === undefined ? undefined : mark + rest;
  }
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
  const removed = applyEdits(text, modify(text, [...path], undefined, {}));
  const group = path.slice(0, -1);
  if (group.length === 0 || (first !== undefined && nodeAt(first, group))) return removed;
  const node = nodeAt(removed, group);
  return node && isDeepStrictEqual(plainValue(node), {}) ? removeAt(removed, group, first) : removed;
}

/**
 * Sets a value, with the groups around it. Not by the parser's own `modify`, which formats what stands on the same line
 * again as well.
 */
function setAt(text: string, path: readonly string[], value: unknown): string {
  const present = nodeAt(text, path);
  if (present) {
    const at = [present.offset, present.offset + present.length] as const;
    return splice(text, [{ at, text: layOut(value, layoutAt(text, present.parent ?? present)) }]);
  }
  const depth = path.findIndex((_, index) => !nodeAt(text, path.slice(0, index + 1)));
  const group = nodeAt(text, path.slice(0, depth));
  const missing = path.slice(depth + 1).reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  return splice(text, insertion(text, group ?? parse(text), path[depth] ?? "", missing));
}

/** Adds a member to an object, behind its last one and the comment of that. */
function insertion(text: string, object: Node, name: string, value: unknown): Splice[] {
  const end = object.offset + object.length - 1;
  const last = object.children?.at(-1);
  const layout = last ? layoutAt(text, last) : layoutInside(text, object);
  const member = `${JSON.stringify(name)}: ${layOut(value, layout)}`;
  if (!last) {
    const inner = text.slice(object.offset + 1, end);
    const closing = layout ? layout.eol + layout.indent.slice(layout.unit.length) : "";
    const begin = layout ? layout.eol + layout.indent : "";
    const isBlank = inner.trim() === "";
    return [{ at: [isBlank ? object.offset + 1 : end, end], text: begin + member + closing }];
  }
  const behind = last.offset + last.length;
  const { hasComma, lineEnd } = restOfLine(text, behind, end);
  const separator = hasComma ? [] : [{ at: [behind, behind] as const, text: "," }];
  // Behind a line comment there is always a line break.
  const blank = /^[\n\r]/.test(text.slice(lineEnd)) ? styleOf(text).eol : " ";
  const before = layout ? layout.eol + layout.indent : blank;
  return [...separator, { at: [lineEnd, lineEnd], text: before + member }];
}

/** What stands behind a member: whether a comma does, and where its line ends for a reader, a comment included. */
function restOfLine(text: string, from: number, end: number): { hasComma: boolean; lineEnd: number } {
  let hasComma = false;
  let lineEnd = from;
  const isBehind = (offset: number) => offset >= from && offset < end;
  visit(
    text,
    {
      onSeparator: (character, offset) => {
        if (character !== "," || !isBehind(offset)) return;
        hasComma = true;
        lineEnd = offset + 1;
      },
      onComment: (offset, length) => {
        if (isBehind(offset) && !/[\n\r]/.test(text.slice(lineEnd, offset))) lineEnd = offset + length;
      },
    },
    { allowTrailingComma: true },
  );
  return { hasComma, lineEnd };
}

/** How the members of an object are laid out; undefined where they stand on one line. */
interface Layout {
  readonly eol: string;
  readonly unit: string;
  /** Before each member. */
  readonly indent: string;
}

/** As a member has it that begins a line. */
function layoutAt(text: string, member: Node): Layout | undefined {
  const indent = /(?:^|[\n\r])([ \t]*)$/.exec(text.slice(0, member.offset))?.[1];
  return indent === undefined || !/[\n\r]/.test(text) ? undefined : { ...styleOf(text), indent };
}

/** For the first member of an object: deeper than the line on which the object begins. */
function layoutInside(text: string, object: Node): Layout | undefined {
  const isAlone = object.parent === undefined && text.slice(object.offset + 1).trim() === "}";
  if (!isAlone && !/[\n\r]/.test(text)) return undefined;
  const line =
    text
      .slice(0, object.offset)
      .split(/[\n\r]/)
      .at(-1) ?? "";
  const style = styleOf(text);
  return { ...style, indent: (/^[ \t]*/.exec(line)?.[0] ?? "") + style.unit };
}

function styleOf(text: string): { readonly eol: string; readonly unit: string } {
  return {
    eol: /\r\n|[\n\r]/.exec(text)?.[0] ?? "\n",
    unit: /[\n\r]([ \t]+)"/.exec(text)?.[1] ?? "  ",
  };
}

function layOut(value: unknown, layout: Layout | undefined): string {
  if (!layout) return JSON.stringify(value);
  return JSON.stringify(value, null, layout.unit).replaceAll("\n", layout.eol + layout.indent);
}

/** @throws Error where a group on the way is there and is no object, or a name stands twice */
function nodeAt(text: string, path: readonly string[]): Node | undefined {
  const root = parse(text);
  for (let depth = 0; depth < path.length; depth++) {
    const group = depth === 0 ? root : findNodeAtLocation(root, path.slice(0, depth));
    if (!group) return undefined;
    if (group.type !== "object")
      throw misshaped(
        path.slice(0, depth).join(".") || "the whole",
        `no object, but a value of type ${group.type}`,
      );
    const names = (group.children ?? []).map((property) => property.children?.[0]?.value);
    const name = path[depth]!;
    if (names.filter((other) => other === name).length > 1)
      throw misshaped(path.slice(0, depth + 1).join("."), "a name that stands twice");
  }
  return findNodeAtLocation(root, [...path]);
}

function parse(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (!root || errors.length > 0) throw misshaped("it", "not JSON");
  return root;
}

function misshaped(what: string, got: string): Error {
  return new Error(`${what} is ${got}`);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], value);
}

/** The parser's objects have no prototype, which would make them differ from all others. */
function plainValue(node: Node): unknown {
  return JSON.parse(JSON.stringify(getNodeValue(node)));
}
