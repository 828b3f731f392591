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

/** How deep the gateway follows includes. */
const deepest = 10;

interface Place {
  readonly file: string;
  readonly node: ValueNode;
  readonly depth: number;
}

/**
 * The user's own values that win over the fragment's: beside the include, in groups around it, or in files that are
 * included there or after it.
 * @param file the user's openclaw.json
 */
export function findOverrides(file: string, text: string, read: ReadText): StandingValue[] {
  return overridable.flatMap((path) => [
    ...find({ file, node: parseJson5(text).root, depth: 0 }, path, read),
  ]);
}

/** The user's own secret providers of the name that ours has. */
export function findOwnProvider(file: string, text: string, read: ReadText): StandingValue[] {
  const place = { file, node: parseJson5(text).root, depth: 0 };
  return [...find(place, ["secrets", "providers", secretProviderName], read)];
}

function* find(
  place: Place,
  path: readonly string[],
  read: ReadText,
  whole = path,
): Generator<StandingValue> {
  const [name = "", ...rest] = path;
  for (const included of includedAfterOurs(place, read)) yield* find(included, path, read, whole);
  const member = memberOf(place.node, name);
  if (!member) return;
  if (rest.length > 0 && member.value.type === "Object")
    yield* find({ ...place, node: member.value }, rest, read, whole);
  else yield { name: whole.join("."), file: place.file, line: member.loc.start.line };
}

/** The files that an object includes, without ours and what stands before it, over which ours wins. */
function includedAfterOurs({ file, node, depth }: Place, read: ReadText): Place[] {
  const member = memberOf(node, "$include");
  if (!member || depth === deepest) return [];
  const paths = includesOf(member).map((name) => resolve(dirname(file), name));
  const ours = paths.indexOf(resolve(dirname(file), includeName));
  return paths.slice(ours + 1).flatMap((path) => {
    const text = read(path);
    const root = text === undefined ? undefined : rootOf(text);
    return root ? [{ file: path, node: root, depth: depth + 1 }] : [];
  });
}

/** A file that does not parse is the gateway's to tell of. */
function rootOf(text: string): ValueNode | undefined {
  try {
    return parseJson5(text).root;
  } catch {
    return undefined;
  }
}
