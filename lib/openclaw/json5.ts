import {
  type AnyNode,
  type DocumentNode,
  evaluate,
  type MemberNode,
  type ObjectNode,
  parse,
  type ValueNode,
} from "@humanwhocodes/momoa";
import { attempt } from "../core/attempt";
import { ifError } from "../core/errors";

/** A parsed JSON5 text, with the position of each part. */
export interface Json5 {
  readonly text: string;
  readonly root: ValueNode;
  readonly document: DocumentNode;
}

/** The maximum of values: a configuration has some hundreds, and above this the parser takes seconds. */
const mostValues = 100_000;

/** The last parsed text: callers often ask about the same one several times in a row. */
let last: Json5 | undefined;

/**
 * Parses JSON5. The parser refuses one valid form: numbers that begin with a sign and a dot (`-.5`).
 * @throws Error that names line and column if the text is not JSON5
 */
export function parseJson5(text: string): Json5 {
  if (last?.text === text) return last;
  if ((text.match(/[,:[{]/g)?.length ?? 0) > mostValues)
    throw new Error(`it has more than ${mostValues} values`);
  const document = withinStack(() => parse(text, { mode: "json5", ranges: true, tokens: true }));
  last = { text, root: document.body, document };
  return last;
}

/**
 * Runs a parser, which recurses for each level of a text.
 * @throws Error if the text is nested too deep for the stack
 */
export function withinStack<T>(work: () => T): T {
  const tooDeep = (): never => {
    throw new Error("it is nested too deeply, or has too many comments in a row");
  };
  return attempt(work, ifError(RangeError, tooDeep));
}

/** Reads an included file; undefined if it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** Parses included files, each once. One that does not parse is undefined: the gateway reports it. */
export function parsedFiles(read: ReadText): (path: string) => ValueNode | undefined {
  const roots = new Map<string, ValueNode | undefined>();
  return (path) => {
    if (roots.has(path)) return roots.get(path);
    const text = read(path);
    const root = text === undefined ? undefined : attempt(() => parseJson5(text).root);
    roots.set(path, root);
    return root;
  };
}

/** The last member of an object with that name: the last one wins. */
export function memberOf(node: ValueNode | undefined, name: string): MemberNode | undefined {
  if (node?.type !== "Object") return undefined;
  return node.members.findLast((member) => nameOf(member) === name);
}

/** A member's name. */
export function nameOf({ name }: MemberNode): string {
  return name.type === "Identifier" ? name.name : name.value;
}

export const evaluated: (node: AnyNode) => unknown = evaluate;

/** The begin and end of a node in the text. */
export function rangeOf(node: { range?: [number, number] }): readonly [begin: number, end: number] {
  if (!node.range) throw new Error("the text was parsed without ranges");
  return node.range;
}

export type { MemberNode, ObjectNode, ValueNode };
