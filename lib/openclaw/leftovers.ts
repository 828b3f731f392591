import { isDeepStrictEqual } from "node:util";
import { attempt } from "../core/attempt";
import { isObject } from "../core/is-object";
import { secretProviderName } from "../model/openclaw/openclaw";
import { isRedacted, plainKey } from "./gateway/key";
import { removal } from "./include";
import {
  evaluated,
  type MemberNode,
  memberOf,
  nameOf,
  type ObjectNode,
  parseJson5,
  type ValueNode,
} from "./json5";
import { splice } from "./splice";

/** The kinds of leftovers, the most severe first. */
export const leftoverKinds = ["placeholder", "key", "copy"] as const;
type Kind = (typeof leftoverKinds)[number];

/** What each kind means, for a person. */
export const leftoverTexts: Readonly<Record<Kind, string>> = {
  placeholder: "OpenClaw wrote its placeholder instead of a secret, so the gateway has no key",
  key: "A plain key was written where the gateway had the way to Vault's key",
  copy: "OpenClaw wrote copies of the fragment's values, which hide later changes",
};

/**
 * What OpenClaw's own commands (`update`, `doctor --fix`, `configure`, `secrets`) write into openclaw.json instead of what
 * the fragment has: `placeholder` for a secret, which is no key; the plain `key`; a `copy` of the fragment.
 */
export interface Leftover {
  readonly kind: Kind;
  /** Such as `models.providers.openrouter.apiKey`. */
  readonly name: string;
  readonly line: number;
  /** The managed value that it wins over, such as `models.providers.openrouter`. */
  readonly managed: string;
}

const managed = [
  ["models", "providers", "openrouter"],
  ["secrets", "providers", secretProviderName],
  ["agents", "defaults", "model"],
] as const;

interface Found extends Leftover {
  readonly path: readonly string[];
}

/**
 * The leftovers of OpenClaw's commands in a user's openclaw.json.
 * @param fragment the fragment as deployed, JSON5
 * @param first the file as first found: a key that its user had there is no leftover
 * @throws Error if a text is not JSON5
 */
export function findLeftovers(text: string, fragment: string, first?: string): Leftover[] {
  const users = namesIn(first, fragment);
  return found(text, fragment, users, holdsCopy(text)).map(({ path: _, ...leftover }) => leftover);
}

/**
 * Removes them, with the objects that hold nothing else.
 * @throws Error if the text is not JSON5, or has one of them twice: OpenClaw writes no name twice, and each is a parse
 */
export function withoutLeftovers(text: string, fragment: string, first?: string): string {
  const users = namesIn(first, fragment);
  // Told once: the sign of a copy is itself removed.
  const isCopied = holdsCopy(text);
  const removed = new Set<string>();
  let rest = text;
  for (;;) {
    const [next] = found(rest, fragment, users, isCopied);
    if (!next) return rest;
    if (removed.has(next.name)) throw new Error(`it has ${next.name} more than once`);
    removed.add(next.name);
    rest = removeAt(rest, next.path);
  }
}

/** What the first file had of it: a key there is its user's. */
function namesIn(first: string | undefined, fragment: string): ReadonlySet<string> {
  const names = first === undefined ? [] : found(first, fragment, new Set(), holdsCopy(first));
  return new Set(names.map(({ name }) => name));
}

/** Nobody but OpenClaw copies the secret provider of this name. */
function holdsCopy(text: string): boolean {
  return at(parseJson5(text).root, managed[1]) !== undefined;
}

function found(text: string, fragment: string, users: ReadonlySet<string>, isCopied: boolean): Found[] {
  // A text that does not parse has nothing that could be left over.
  const deployed = attempt(() => evaluated(parseJson5(fragment).root));
  const { root } = parseJson5(text);
  return managed.flatMap((path) => {
    const own = at(root, path);
    if (!own) return [];
    return [...leftoversIn(own, deployedAt(deployed, path), path, path.join("."), isCopied)].filter(
      ({ kind, name }) => kind !== "key" || !users.has(name),
    );
  });
}

function* leftoversIn(
  { value, loc }: MemberNode,
  deployed: unknown,
  path: readonly string[],
  managedName: string,
  isCopied: boolean,
): Generator<Found> {
  if (value.type === "Object" && value.members.length > 0 && isObject(deployed)) {
    for (const member of value.members) {
      const name = nameOf(member);
      yield* leftoversIn(member, deployed[name], [...path, name], managedName, isCopied);
    }
    return;
  }
  const kind = kindOf(evaluated(value), deployed, path.at(-1) ?? "", isCopied);
  if (kind) yield { kind, name: path.join("."), line: loc.start.line, managed: managedName, path };
}

function kindOf(own: unknown, deployed: unknown, name: string, isCopied: boolean): Kind | undefined {
  if (deployed === undefined) return undefined;
  if (isRedacted(own)) return "placeholder";
  if (name === "apiKey" && typeof own === "string" && plainKey.test(own)) return "key";
  return isCopied && isDeepStrictEqual(own, deployed) ? "copy" : undefined;
}

function at(root: ValueNode, path: readonly string[]): MemberNode | undefined {
  const [name = "", ...rest] = path;
  const member = memberOf(root, name);
  return member && rest.length > 0 ? at(member.value, rest) : member;
}

function deployedAt(deployed: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), deployed);
}

/** Removes the member at a path, or the outermost object around it that holds nothing else. */
function removeAt(text: string, path: readonly string[]): string {
  const config = parseJson5(text);
  let inner: ValueNode = config.root;
  let found: readonly [ObjectNode, MemberNode] | undefined;
  for (const name of path) {
    const member = memberOf(inner, name);
    if (inner.type !== "Object" || !member) return text;
    // An object with another member stays: what can go begins below it.
    if (!found || inner.members.length > 1) found = [inner, member];
    inner = member.value;
  }
  return found ? splice(text, removal(config, ...found)) : text;
}
