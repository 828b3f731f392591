import {
  type AnyNode,
  type DocumentNode,
  evaluate,
  type MemberNode,
  type ObjectNode,
  parse,
  type ValueNode,
} from "@humanwhocodes/momoa";

/** A JSON5 text, parsed so that each part's place in it is known. */
export interface Json5 {
  readonly text: string;
  readonly root: ValueNode;
  readonly document: DocumentNode;
}

/** A configuration has some hundreds; with more the parser takes seconds. */
const mostValues = 100_000;

/** Of the text that was parsed last: the same one is often asked about several things in a row. */
let last: Json5 | undefined;

/**
 * The parser knows all of JSON5 but numbers that begin with a sign and a dot (`-.5`), which it refuses.
 * @throws Error that names line and column where the text is not JSON5
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
 * Parsers call themselves for each level of a text.
 * @throws Error for a text that is nested deeper than that goes
 */
export function withinStack<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error("it is nested too deep, or has too many comments in a row");
    throw error;
  }
}

/** The member of an object by its name: the last one of that name, which is the one that counts. */
export function memberOf(node: ValueNode | undefined, name: string): MemberNode | undefined {
  if (node?.type !== "Object") return undefined;
  return node.members.findLast((member) => nameOf(member) === name);
}

function nameOf({ name }: MemberNode): string {
  return name.type === "Identifier" ? name.name : name.value;
}

export function evaluated(node: AnyNode): unknown {
  return evaluate(node);
}

/** Begin and end of a node in the text. */
export function rangeOf(node: { range?: [number, number] }): readonly [begin: number, end: number] {
  if (!node.range) throw new Error("the text was parsed without ranges");
  return node.range;
}

export type { MemberNode, ObjectNode, ValueNode };
