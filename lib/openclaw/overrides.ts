import { dirname, resolve } from "node:path";
import { secretProviderName } from "../model/openclaw";
import { includeName, includesOf } from "./include";
import { memberOf, parseJson5, type ValueNode } from "./json5";

/** A value that stands in the user's own configuration of the gateway. */
export interface StandingValue {
  /** Such as `agents.defaults.model`. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Reads a file that is included; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** What the fragment sets, and a user's own value of the same name wins over. */
const overridable = [
  ["models", "providers", "openrouter"],
  ["agents", "defaults", "model"],
] as const;

/** A secret provider of the name that ours has: the two are merged. */
const ownProvider = ["secrets", "providers", secretProviderName] as const;

interface Place {
  readonly file: string;
  readonly node: ValueNode;
}

/**
 * The user's own values that win over the fragment's, or are merged with ours: beside the include, in groups around it, or
 * in files that are included there or after it.
 * @param file the user's openclaw.json
 */
export function findOverrides(file: string, text: string, read: ReadText): StandingValue[] {
  return findAll(file, text, read, [...overridable, ownProvider]);
}

/** The user's own secret providers of the name that ours has. */
export function findOwnProvider(file: string, text: string, read: ReadText): StandingValue[] {
  return findAll(file, text, read, [ownProvider]);
}

function findAll(
  file: string,
  text: string,
  read: ReadText,
  paths: readonly (readonly string[])[],
): StandingValue[] {
  const place = { file, node: parseJson5(text).root };
  const roots = new Map<string, ValueNode | undefined>();
  const rootOf = (path: string) => {
    if (!roots.has(path)) roots.set(path, parsed(read(path)));
    return roots.get(path);
  };
  return paths.flatMap((path) => [...new Search(path, rootOf).in(place, path)]);
}

/** The search for one value in all files. */
class Search {
  /** Files include each other, and themselves: from each of them the same rest of the name is looked for once. */
  private readonly seen = new Set<string>();

  constructor(
    private readonly whole: readonly string[],
    private readonly rootOf: (path: string) => ValueNode | undefined,
  ) {}

  *in(place: Place, path: readonly string[]): Generator<StandingValue> {
    const [name = "", ...rest] = path;
    for (const included of this.includedAfterOurs(place, path.length)) yield* this.in(included, path);
    const member = memberOf(place.node, name);
    if (!member) return;
    if (rest.length > 0 && member.value.type === "Object")
      yield* this.in({ ...place, node: member.value }, rest);
    else yield { name: this.whole.join("."), file: place.file, line: member.loc.start.line };
  }

  /** The files that an object includes, without ours and what stands before it, over which ours wins. */
  private *includedAfterOurs({ file, node }: Place, left: number): Generator<Place> {
    const member = memberOf(node, "$include");
    if (!member) return;
    const paths = includesOf(member).map((name) => resolve(dirname(file), name));
    const ours = paths.indexOf(resolve(dirname(file), includeName));
    for (const path of paths.slice(ours + 1)) {
      const visit = `${left} ${path}`;
      if (this.seen.has(visit)) continue;
      this.seen.add(visit);
      const root = this.rootOf(path);
      if (root) yield { file: path, node: root };
    }
  }
}

/** A file that does not parse is the gateway's to tell of. */
function parsed(text: string | undefined): ValueNode | undefined {
  try {
    return text === undefined ? undefined : parseJson5(text).root;
  } catch {
    return undefined;
  }
}
