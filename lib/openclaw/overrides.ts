import { dirname, resolve } from "node:path";
import { secretProviderName } from "../model/openclaw/openclaw";
import { includeName, includesOf } from "./include";
import { memberOf, parseJson5, type ValueNode } from "./json5";

/** A value in the user's own configuration of the gateway. */
export interface StandingValue {
  /** Such as `agents.defaults.model`. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** Reads an included file; undefined if it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** The values of the fragment that a user's own value of the same name overrides. */
const overridable = [
  ["models", "providers", "openrouter"],
  ["agents", "defaults", "model"],
] as const;

/** The managed secret provider: the gateway merges a user's own one of the same name with it. */
const ownProvider = ["secrets", "providers", secretProviderName] as const;

interface Place {
  readonly file: string;
  readonly node: ValueNode;
}

/**
 * The user's own values that override the fragment's, or are merged with them: in openclaw.json itself, or in files that
 * it includes after the fragment or in nested objects.
 * @param file the user's openclaw.json
 */
export function findOverrides(file: string, text: string, read: ReadText): StandingValue[] {
  return findAll(file, text, read, [...overridable, ownProvider]);
}

/** The user's own secret providers of the managed name. */
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
  /** The visited files, by remaining name: files can include each other and themselves. */
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

  /** The files that an object includes after the fragment (which overrides earlier ones), or all if it does not include it. */
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

/** Undefined for a file that does not parse: the gateway reports it. */
function parsed(text: string | undefined): ValueNode | undefined {
  try {
    return text === undefined ? undefined : parseJson5(text).root;
  } catch {
    return undefined;
  }
}
