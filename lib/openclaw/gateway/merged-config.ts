import { dirname, resolve } from "node:path";
import { includesOf } from "../include";
import { nameOf, parsedFiles, parseJson5, type ReadText, type ValueNode, withinStack } from "../json5";

/** A value of the gateway's configuration, with the place that decides it. */
export interface Placed {
  readonly file: string;
  readonly line: number;
  readonly value: Scalar | readonly Placed[] | ReadonlyMap<string, Placed>;
}
type Scalar = string | number | boolean | null;

/** The gateway's own limit. */
const mostLevels = 10;
/** Files can include each other many times over; a configuration has some hundreds of values. */
const mostValues = 100_000;
/** Of the paths of all values together: each of many values can have a name of a megabyte in its path. */
const mostLetters = 20_000_000;

/**
 * Reads the gateway's configuration as the gateway does: objects of included files are merged in their order, those beside
 * an include over them, lists are joined, and any other value replaces.
 * @param file the path of openclaw.json
 * @param read reads an included file; one that is missing or cannot be read counts as empty
 * @throws Error if openclaw.json is not JSON5, or there are too many values, or too long paths
 */
export function mergedConfig(file: string, text: string, read: ReadText): Placed {
  return withinStack(() => new Reader(parsedFiles(read)).value(parseJson5(text).root, file, [file], 0));
}

/** The value at a path; undefined if there is none. */
export function valueAt(config: Placed | undefined, path: readonly string[]): Placed | undefined {
  return path.reduce<Placed | undefined>((at, name) => membersOf(at).get(name), config);
}

const none: ReadonlyMap<string, Placed> = new Map();

/** The members of an object; none of any other value. */
export function membersOf(at: Placed | undefined): ReadonlyMap<string, Placed> {
  return at?.value instanceof Map ? at.value : none;
}

/** The items of a list; none of any other value. */
export function itemsOf(at: Placed | undefined): readonly Placed[] {
  return Array.isArray(at?.value) ? at.value : [];
}

export function stringAt(at: Placed | undefined): string | undefined {
  return typeof at?.value === "string" ? at.value : undefined;
}

class Reader {
  private values = 0;
  private letters = 0;

  /** @param parsed gives the parsed included files */
  constructor(private readonly parsed: ReturnType<typeof parsedFiles>) {}

  /**
   * @param chain the files that include each other up to here
   * @param length of the value's path, in letters
   */
  value(node: ValueNode, file: string, chain: readonly string[], length: number): Placed {
    this.count();
    this.letters += length;
    if (this.letters > mostLetters) throw new Error("the names of its values are too long");
    const line = node.loc.start.line;
    switch (node.type) {
      case "Object":
        return this.object(node, file, chain, length);
      case "Array":
        return {
          file,
          line,
          value: node.elements.map(({ value }, index) =>
            this.value(value, file, chain, length + String(index).length + 1),
          ),
        };
      case "String":
      case "Number":
      case "Boolean":
        return { file, line, value: node.value };
      default:
        return { file, line, value: null };
    }
  }

  private object(
    node: ValueNode & { type: "Object" },
    file: string,
    chain: readonly string[],
    length: number,
  ): Placed {
    const line = node.loc.start.line;
    const own = new Map<string, Placed>();
    for (const member of node.members) {
      const name = nameOf(member);
      if (name === "$include") continue;
      // The member's own line, not its value's: a value can begin on a later one.
      const value = this.value(member.value, file, chain, length + name.length + 1);
      own.set(name, { ...value, line: member.loc.start.line });
    }
    const included = includesOf(node).flatMap(
      (name) => this.included(resolve(dirname(file), name), chain, length) ?? [],
    );
    return [...included, { file, line, value: own }].reduce((merged, next) => this.merge(merged, next));
  }

  private included(path: string, chain: readonly string[], length: number): Placed | undefined {
    // Also for one that gives no value: each of many files can name many others.
    this.count();
    if (chain.includes(path) || chain.length > mostLevels) return undefined;
    const root = this.parsed(path);
    return root && this.value(root, path, [...chain, path], length);
  }

  private merge(under: Placed, over: Placed): Placed {
    if (Array.isArray(under.value) && Array.isArray(over.value)) {
      this.count(under.value.length);
      return { ...over, value: [...under.value, ...over.value] };
    }
    if (!(under.value instanceof Map && over.value instanceof Map)) return over;
    // What is copied counts: one large file can be merged with many small ones.
    this.count(under.value.size);
    const merged = new Map<string, Placed>(under.value);
    for (const [name, value] of over.value) {
      this.count();
      const before = merged.get(name);
      merged.set(name, before ? this.merge(before, value) : value);
    }
    return { ...over, value: merged };
  }

  private count(values = 1): void {
    this.values += values;
    if (this.values > mostValues) throw new Error(`it has more than ${mostValues} values with its includes`);
  }
}
