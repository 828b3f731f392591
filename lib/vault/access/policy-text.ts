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
  if (text.trimStart().startsWith("{")) return rulesOfJson(text);
  return new HclReader(text).readTop().flatMap(({ keys, value }) => {
    const [first, path] = keys;
    if (first !== "path" || path === undefined) return [];
    return [ruleOf(path, isObject(value) ? Object.fromEntries(value.map(pair)) : {})];
  });
}

function pair({ keys, value }: Item): [string, Value] {
  return [keys.join("."), value];
}

function ruleOf(path: string, { policy, capabilities }: Readonly<Record<string, unknown>>): Rule {
  return {
    path: path.replace(/^\//, ""),
    capabilities: [
      ...(typeof policy === "string" ? (oldPolicies[policy] ?? []) : []),
      ...(Array.isArray(capabilities) ? capabilities.map(String) : []),
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

function rulesOfJson(text: string): Rule[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new UnreadablePolicy("JSON that cannot be parsed");
  }
  const paths = eachOf((parsed as { path?: unknown }).path);
  return paths.flatMap((group) =>
    Object.entries(group).flatMap(([path, rules]) =>
      eachOf(rules).map((rule) => ruleOf(path, rule as Readonly<Record<string, unknown>>)),
    ),
  );
}

/** HCL's JSON takes a list of objects where it takes one. */
function eachOf(value: unknown): object[] {
  return [value].flat().filter((each): each is object => typeof each === "object" && each !== null);
}

interface Item {
  readonly keys: readonly string[];
  readonly value: Value;
}
type Value = string | readonly Item[] | readonly Value[];

const isObject = (value: Value): value is readonly Item[] =>
  Array.isArray(value) && value.every((each) => typeof each === "object" && "keys" in each);

/** White space and comments, a string, a heredoc, a word or number, a sign. */
const token =
  /(?<skip>[\s,;]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>"(?:[^"\\\n]|\\.)*")|<<-?(?<mark>\w+)\r?\n(?<heredoc>[\s\S]*?)\n?[ \t]*\k<mark>(?=\r?\n|$)|(?<word>[^\s"{}[\]=,;#/]+)|(?<sign>[{}[\]=])/y;

/** Reads HCL's first version, as far as policies use it. */
class HclReader {
  private at = 0;
  private next: { readonly text: string; readonly isSign: boolean } | undefined;

  constructor(private readonly text: string) {
    this.advance();
  }

  readTop(): Item[] {
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
    if (this.isAt("=")) this.advance();
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
    while (!this.isAt(end)) all.push(read());
    this.advance();
    return all;
  }
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
