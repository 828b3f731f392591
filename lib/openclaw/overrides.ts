import { dirname, resolve } from "node:path";
import { secretProviderName } from "../model/openclaw/openclaw";
import { includeName, includesOf } from "./include";
import { memberOf, parsedFiles, parseJson5, type ReadText, type ValueNode } from "./json5";

/** A value in the user's own configuration of the gateway. */
interface StandingValue {
  /** Such as `agents.defaults.model`. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** The values of the fragment that a user's own value of the same name overrides. */
const overridable = [
  ["models", "providers", "openrouter"],
  ["agents", "defaults", "model"],
] as const;

/** The managed secret provider: the gateway merges a user's own one of the same name with it. */
const ownProvider = ["secrets", "providers", secretProviderName] as const;

/** The values that a file included before the fragment has a part in: the gateway joins lists, and merges providers. */
const joined = [["agents", "defaults", "model", "fallbacks"], ownProvider] as const;

interface Place {
  readonly file: string;
  readonly node: ValueNode;
}

/**
 * The user's own values that override the fragment's, or are merged with them: in openclaw.json itself, or in files that
 * it includes.
 * @param file the user's openclaw.json
 */
export function findOverrides(file: string, text: string, read: ReadText): StandingValue[] {
  return findAll(file, text, read, [...overridable, ownProvider], joined);
}

/** The user's own secret providers of the managed name. */
export function findOwnProvider(file: string, text: string, read: ReadText): StandingValue[] {
  return findAll(file, text, read, [ownProvider], [ownProvider]);
}

/**
 * @param paths the values that win
 * @param before the values that count in files included before the fragment
 */
function findAll(
  file: string,
  text: string,
  read: ReadText,
  paths: readonly (readonly string[])[],
  before: readonly (readonly string[])[],
): StandingValue[] {
  const place = { file, node: parseJson5(text).root };
  const rootOf = parsedFiles(read);
  return [
    ...paths.flatMap((path) => [...new Search(path, rootOf).in(place, path)]),
    ...before.flatMap((path) => [...new Search(path, rootOf, true).before(place)]),
  ];
}

/** The search for one value in all files. */
class Search {
  /** The visited files, by remaining name: files can include each other and themselves. */
  private readonly seen = new Set<string>();

  constructor(
    private readonly whole: readonly string[],
    private readonly rootOf: (path: string) => ValueNode | undefined,
    /** Whether it is for files included before the fragment, which overrides all that the gateway does not merge with it. */
    private readonly isBefore = false,
  ) {}

  /** In the files that openclaw.json includes before the fragment. */
  *before(place: Place): Generator<StandingValue> {
    const { paths, ours } = includesAt(place);
    for (const included of this.opened(paths.slice(0, Math.max(0, ours)), this.whole.length))
      yield* this.in(included, this.whole);
  }

  *in(place: Place, path: readonly string[]): Generator<StandingValue> {
    const [name = "", ...rest] = path;
    for (const included of this.includedAfterOurs(place, path.length)) yield* this.in(included, path);
    const member = memberOf(place.node, name);
    if (!member) return;
    if (rest.length > 0 && member.value.type === "Object")
      yield* this.in({ ...place, node: member.value }, rest);
    else if (!this.isBefore || (rest.length === 0 && isMerged(member.value)))
      yield { name: this.whole.join("."), file: place.file, line: member.loc.start.line };
  }

  /** The files that an object includes after the fragment (which overrides earlier ones), or all if it does not include it. */
  private includedAfterOurs(place: Place, left: number): Generator<Place> {
    const { paths, ours } = includesAt(place);
    return this.opened(paths.slice(ours + 1), left);
  }

  private *opened(paths: readonly string[], left: number): Generator<Place> {
    for (const path of paths) {
      const visit = `${left} ${path}`;
      if (this.seen.has(visit)) continue;
      this.seen.add(visit);
      const root = this.rootOf(path);
      if (root) yield { file: path, node: root };
    }
  }
}

/** Whether the gateway merges a value with a later one of the same name, instead of replacing it. */
function isMerged(node: ValueNode): boolean {
  return node.type === "Array" ? node.elements.length > 0 : node.type === "Object" && node.members.length > 0;
}

/** The files that an object includes, and the position of the fragment among them. */
function includesAt({ file, node }: Place): { readonly paths: readonly string[]; readonly ours: number } {
  const paths = includesOf(node).map((name) => resolve(dirname(file), name));
  return { paths, ours: paths.indexOf(resolve(dirname(file), includeName)) };
}
