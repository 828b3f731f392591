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

/** The managed sections of the setup guide's config.json. Each is replaced as a whole; all else is unmanaged. */
const sections: readonly (readonly string[])[] = [
  ["instance_name"],
  ["environment"],
  ["model"],
  ["vault"],
  ["agents", "defaults", "models"],
];

/**
 * The managed sections that a config.json has, by their paths.
 * @throws Error as {@link mergeSections} does
 */
export function sectionsOf(text: string): ReadonlyMap<string, unknown> {
  const json = text.startsWith(mark) ? text.slice(mark.length) : text;
  return new Map(
    sections.flatMap((path) => {
      const node = nodeAt(json, path);
      return node ? [[path.join("."), plainValue(node)] as const] : [];
    }),
  );
}

/**
 * Writes the managed sections into a user's config.json. Equal sections and unmanaged text stay unchanged.
 * @param text the user's file: JSON; comments and trailing commas are allowed and kept
 * @param ours the declared sections, JSON
 * @throws Error if the text does not parse, or the parent of a section is not an object
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
 * Removes the managed sections from a file that was edited since: restores the original of each section, unless
 * somebody changed the section.
 * @param placed the sections as written, JSON
 * @param first the original file; undefined if there was none
 * @returns undefined if nothing is left and there was no original file
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

/** Removes a value, and its parents if they were made for it and are empty now. */
function removeAt(text: string, path: readonly string[], first: string | undefined): string {
  const removed = applyEdits(text, modify(text, [...path], undefined, {}));
  const group = path.slice(0, -1);
  if (group.length === 0 || (first !== undefined && nodeAt(first, group))) return removed;
  const node = nodeAt(removed, group);
  return node && isDeepStrictEqual(plainValue(node), {}) ? removeAt(removed, group, first) : removed;
}

/**
 * Sets a value and its parents. The parser's own `modify` also reformats other text on the same line.
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

/** Adds a member to an object, after its last member and that member's comment. */
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
  // A line break always follows a line comment.
  const blank = /^[\n\r]/.test(text.slice(lineEnd)) ? styleOf(text).eol : " ";
  const before = layout ? layout.eol + layout.indent : blank;
  return [...separator, { at: [lineEnd, lineEnd], text: before + member }];
}

/** The rest of a member's line: whether a comma follows, and where the line ends, its comment included. */
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

/** The layout of an object's members; undefined if they share one line. */
interface Layout {
  readonly eol: string;
  readonly unit: string;
  /** The indentation of each member. */
  readonly indent: string;
}

/** The layout of a member that begins a line. */
function layoutAt(text: string, member: Node): Layout | undefined {
  const indent = /(?:^|[\n\r])([ \t]*)$/.exec(text.slice(0, member.offset))?.[1];
  return indent === undefined || !/[\n\r]/.test(text) ? undefined : { ...styleOf(text), indent };
}

/** The layout of an object's first member: indented deeper than the line on which the object begins. */
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

/** @throws Error if a parent exists and is not an object, or a name occurs twice */
function nodeAt(text: string, path: readonly string[]): Node | undefined {
  const root = parse(text);
  for (let depth = 0; depth < path.length; depth++) {
    const group = depth === 0 ? root : findNodeAtLocation(root, path.slice(0, depth));
    if (!group) return undefined;
    if (group.type !== "object")
      throw misshaped(
        path.slice(0, depth).join(".") || "the file",
        `a value of type ${group.type}, not an object`,
      );
    const names = (group.children ?? []).map((property) => property.children?.[0]?.value);
    const name = path[depth]!;
    if (names.filter((other) => other === name).length > 1)
      throw misshaped(path.slice(0, depth + 1).join("."), "a name that occurs twice");
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

/** The value as plain objects: the parser's objects have no prototype, so they equal no others. */
function plainValue(node: Node): unknown {
  return JSON.parse(JSON.stringify(getNodeValue(node)));
}
