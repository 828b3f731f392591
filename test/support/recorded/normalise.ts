import { keyFingerprint } from "../../../lib/model/openrouter-key";

/** What stands for the keys in a recording: no text of a recording has the form of a key. */
export const placeholders = { deployed: "KEY-OF-THE-DEPLOY", other: "ANOTHER-KEY" } as const;
/** What stands for the keys' fingerprints. None holds another placeholder. */
const fingerprints = { deployed: "FINGERPRINT-OF-THE-DEPLOYED", other: "FINGERPRINT-OF-THE-OTHER" } as const;

/** The keys that take the placeholders' places when a recording is played. */
export const playedKeys = {
  deployed: `sk-or-v1-${"0123456789abcdef".repeat(4)}`,
  other: `sk-or-v1-${"fedcba9876543210".repeat(4)}`,
} as const;

type Keys = Readonly<Record<keyof typeof placeholders, string>>;

function keyNames(keys: Keys): [key: string, placeholder: string][] {
  const names = Object.keys(placeholders) as (keyof Keys)[];
  return names.flatMap((name) => [
    [keys[name], placeholders[name]],
    [keyFingerprint(keys[name]), fingerprints[name]],
  ]);
}

/** Puts keys in the places of the placeholders. */
export function withKeys(text: string, keys: Keys = playedKeys): string {
  return keyNames(keys).reduce((now, [value, placeholder]) => now.replaceAll(placeholder, value), text);
}

/** What no comparison reads, and what differs at each run: labels of keys, numbers of processes and seconds. */
const passing: readonly (readonly [RegExp, string])[] = [
  [/sk-or-v1-[\w.]+/g, "KEY-LABEL"],
  [/"Pid":[1-9]\d*/g, '"Pid":1'],
  [/"Created":\d+/g, '"Created":1767225600'],
  [/"(creation_time|last_renewal_time|expire_time)":\d+/g, '"$1":1767225600'],
  [/"(ttl|creation_ttl)":[1-9]\d*/g, '"$1":600'],
  [/\bUp (About )?\w+ \w+/g, "Up a second"],
];
const time = /\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g;
/** When Vault deletes a version of a secret: it is there until then. */
const deletion = /(?<="deletion_time":")20\d\d-[^"]+/g;
const uuid = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
const digest = /\b[0-9a-f]{64}\b/g;
/** Random names that Vault gives: of tokens, of secret ids, of mounts. */
const accessor = /"(?:\w*accessor)":\s*"([\w.-]+)"|"keys":\s*\[("[A-Za-z0-9]{24}"(?:,"[A-Za-z0-9]{24}")*)\]/g;

/**
 * Makes the texts of one recording run comparable with those of another: ids, times and folders by which two hosts differ are
 * replaced by numbered ones, the same at each place. What was recorded first has the lowest numbers.
 */
export class Normaliser {
  private readonly known = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  /** @param texts what stands for texts that are known before: keys, folders */
  constructor(
    keys: Keys,
    private readonly texts: readonly (readonly [text: string, stands: string])[],
  ) {
    this.keys = keyNames(keys);
  }
  private readonly keys: [string, string][];

  apply(text: string): string {
    const named = [...this.keys, ...this.texts].reduce(
      (now, [from, to]) => now.replaceAll(from, to),
      text
        .replace(deletion, (at) => (Date.parse(at) > Date.now() ? "2999-01-01T00:00:00Z" : at))
        .replace(time, "2026-01-01T00:00:00Z"),
    );
    const numbered = passing
      .reduce((now, [from, to]) => now.replace(from, to), named)
      .replace(uuid, (id) => this.number("uuid", id, (n) => `00000000-0000-4000-8000-${hex(n, 12)}`))
      // Programs show the first twelve letters.
      .replace(digest, (id) => this.number("digest", id, (n) => hex(n, 4).repeat(16)));
    const random = [...numbered.matchAll(accessor)].flatMap(([, one, list]) =>
      one === undefined ? (list ?? "").split(",").map((each) => each.replaceAll('"', "")) : [one],
    );
    return [...new Set(random)]
      .filter((name) => /^[A-Za-z0-9]{24}$/.test(name) || /_[0-9a-f]{8}$/.test(name))
      .reduce(
        (now, name) =>
          now.replaceAll(
            name,
            this.number("name", name, (n) => `${/^(\w+)_[0-9a-f]{8}$/.exec(name)?.[1] ?? "accessor"}-${n}`),
          ),
        numbered,
      );
  }

  private number(kind: string, id: string, write: (count: number) => string): string {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    this.known.set(id, write(count));
    return write(count);
  }
}

function hex(count: number, length: number): string {
  return count.toString(16).padStart(length, "0");
}
