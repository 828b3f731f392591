import { attempt } from "../../core/attempt";

/** A rule of a policy: what it permits at the paths that it matches. */
export interface Rule {
  /** As the policy has it: with `*` at its end, `+` for a segment, or templates. */
  readonly path: string;
  readonly capabilities: readonly string[];
}

/** The text is not a policy that this program can read. */
export class UnreadablePolicy extends Error {}

/**
 * The rules of a policy, which is HCL (version 1) or JSON. Restrictions of parameters are left out: a rule that permits a call
 * with some parameters counts as one that permits it.
 * @throws UnreadablePolicy
 */
export function parsePolicy(text: string): Rule[] {
  return new HclReader(text).readTop().flatMap(({ keys: [first, path], value }) => {
    if (first !== "path") return [];
    if (path !== undefined) return [ruleOf(path, value)];
    // JSON, in which Vault takes a list of objects where it takes one.
    return objectsOf(value).flatMap((group) =>
      group.flatMap(({ keys: [path = ""], value }) => objectsOf(value).map((rule) => ruleOf(path, rule))),
    );
  });
}

/** Vault merges what is said twice. */
function ruleOf(path: string, value: Value): Rule {
  const fields = isObject(value) ? value : [];
  const said = (name: string) =>
    fields.flatMap(({ keys, value }) => (keys.join(".") === name ? [value] : []));
  return {
    path: path.replace(/^\//, ""),
    capabilities: [
      ...said("policy").flatMap((policy) => (typeof policy === "string" ? (oldPolicies[policy] ?? []) : [])),
      ...said("capabilities").flatMap((list) => (Array.isArray(list) ? list.map(String) : [])),
    ],
  };
}

const oldWrite = ["create", "read", "update", "delete", "list"];

/** The values of `policy`, which preceded `capabilities`. */
const oldPolicies: Readonly<Record<string, readonly string[]>> = {
  deny: ["deny"],
  read: ["read", "list"],
  write: oldWrite,
  sudo: [...oldWrite, "sudo"],
};

interface Item {
  readonly keys: readonly string[];
  readonly value: Value;
}
type Value = string | readonly Item[] | readonly Value[];

const isObject = (value: Value): value is readonly Item[] =>
  Array.isArray(value) && value.every((each) => typeof each === "object" && !Array.isArray(each));

/** An object, or the objects of a list. */
function objectsOf(value: Value): (readonly Item[])[] {
  if (typeof value === "string") return [];
  return isObject(value) ? [value] : value.filter(isObject);
}

/**
 * White space and comments, a string, a heredoc, a word or number, a sign. The end of a heredoc is looked for at the begin of each
 * line only: others can write a policy of any length.
 */
const token =
  /(?<skip>[\s,;]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:[^"\\\n]|\\.)*")|<<-?(?<mark>\w+)\r?\n(?:(?<heredoc>[\s\S]*?)\n)??[ \t]*\k<mark>(?=\r?\n|$)|(?<word>[^\s"{}[\]=:,;#/]+)|(?<sign>[{}[\]=:])/y;

/** No policy says anything that deep, and deeper ones would exhaust the stack. */
const deepest = 100;

/** Reads HCL's first version, and its form of JSON, as far as policies use them. */
class HclReader {
  private at = 0;
  private depth = 0;
  private next: { readonly text: string; readonly isSign: boolean } | undefined;

  constructor(private readonly text: string) {
    this.advance();
  }

  readTop(): Item[] {
    // What follows the one object of JSON, Vault ignores.
    if (this.isAt("{")) return objectsOf(this.readValue()).flat();
    const items: Item[] = [];
    while (this.next) items.push(this.readItem());
    return items;
  }

  private advance(): void {
    for (;;) {
      if (this.at >= this.text.length) {
        this.next = undefined;
        return;
      }
      token.lastIndex = this.at;
      const groups = token.exec(this.text)?.groups;
      if (!groups) throw new UnreadablePolicy(`an unknown text at character ${this.at}`);
      this.at = token.lastIndex;
      if (groups.skip !== undefined) continue;
      const text = groups.string === undefined ? undefined : unquote(groups.string);
      this.next = {
        text: text ?? groups.heredoc ?? groups.word ?? groups.sign ?? "",
        isSign: groups.sign !== undefined,
      };
      return;
    }
  }

  private isAt(sign: string): boolean {
    return this.next?.isSign === true && this.next.text === sign;
  }

  private take(): string {
    if (!this.next) throw new UnreadablePolicy("an early end");
    const { text } = this.next;
    this.advance();
    return text;
  }

  private readItem(): Item {
    const keys: string[] = [];
    while (this.next && !this.next.isSign) keys.push(this.take());
    if (keys.length === 0) throw new UnreadablePolicy("a value without a name");
    if (this.isAt("=") || this.isAt(":")) this.advance();
    else if (!this.isAt("{")) throw new UnreadablePolicy(`no value of ${keys.join(" ")}`);
    return { keys, value: this.readValue() };
  }

  private readValue(): Value {
    if (!this.next?.isSign) return this.take();
    const opened = this.take();
    if (opened === "{") return this.readUntil("}", () => this.readItem());
    if (opened === "[") return this.readUntil<Value>("]", () => this.readValue());
    throw new UnreadablePolicy(`${opened} without a value`);
  }

  private readUntil<T>(end: string, read: () => T): T[] {
    const all: T[] = [];
    this.depth += 1;
    if (this.depth > deepest) throw new UnreadablePolicy(`more than ${deepest} brackets within each other`);
    while (!this.isAt(end)) all.push(read());
    this.depth -= 1;
    this.advance();
    return all;
  }
}

const escapes = /\\x([\da-fA-F]{2})|\\([0-7]{3})|\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\(.)|[^\\]+/g;

/** @throws UnreadablePolicy for an interpolation, in which quotes and comments are others */
function unquote(quoted: string): string {
  if (quoted.includes("${")) throw new UnreadablePolicy("a text with an interpolation");
  return attempt(() => JSON.parse(quoted) as string) ?? unescaped(quoted.slice(1, -1));
}

/** By the escapes that HCL has from Go, of which JSON lacks some: `\x2f` and `\057` are bytes. */
function unescaped(text: string): string {
  const bytes = [...text.matchAll(escapes)].map(([plain, hex, octal, short, long, one]) => {
    const byte = hex ? Number.parseInt(hex, 16) : octal ? Number.parseInt(octal, 8) : undefined;
    if (byte !== undefined) return Buffer.from([byte]);
    const code = short ?? long;
    if (code) return Buffer.from(attempt(() => String.fromCodePoint(Number.parseInt(code, 16))) ?? "");
    return Buffer.from(one === undefined ? plain : (controls[one] ?? one));
  });
  return Buffer.concat(bytes).toString("utf8");
}

const controls: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
};
