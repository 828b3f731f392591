import { membersOf, type Placed, stringAt, valueAt } from "./merged-config";

/** What the values of variables add, in letters: a small file can name a long one thousands of times. */
const mostLetters = 1_000_000;

/**
 * The configuration with the values of its variables, `${NAME}`: those of its own `env`, and of `.env` beside it, which wins. One
 * that only the gateway's process has stays as written, as `$${NAME}` does.
 * @param dotEnv the text of `.env`
 * @throws Error if the values of its variables are too long
 */
export function withVariables(config: Placed, dotEnv = ""): Placed {
  return replaced(config, valuesOf(new Map(given(config, dotEnv))));
}

/** The variables that a gateway gives itself: by `env` of its configuration, and by `.env` beside it. */
function given(config: Placed, dotEnv: string): (readonly [name: string, value: string])[] {
  const env = valueAt(config, ["env"]);
  const own = [...membersOf(env), ...membersOf(valueAt(env, ["vars"]))].flatMap(([name, value]) => {
    const text = stringAt(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return [...own, ...variablesOf(dotEnv)];
}

/** Whether variables name a proxy, by the names that OpenClaw reads. */
export function namesProxy(
  variables: readonly (readonly [name: string, value: string | undefined])[],
): boolean {
  return variables.some(([name, value]) => /^(https?_proxy|openclaw_proxy_url)$/i.test(name) && value);
}

/** Whether a gateway's own configuration, or `.env` beside it, names a proxy. @param config with the values of its variables */
export function configuresProxy(config: Placed, dotEnv = ""): boolean {
  return Boolean(stringAt(valueAt(config, ["proxy", "proxyUrl"]))) || namesProxy(given(config, dotEnv));
}

function replaced(at: Placed, replacement: (name: string) => string | undefined): Placed {
  const { value } = at;
  if (typeof value === "string") {
    const text = value.replace(
      /(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}/g,
      (written, name) => replacement(name) ?? written,
    );
    return { ...at, value: text };
  }
  if (Array.isArray(value)) return { ...at, value: value.map((item: Placed) => replaced(item, replacement)) };
  if (!(value instanceof Map)) return at;
  return { ...at, value: new Map([...value].map(([name, each]) => [name, replaced(each, replacement)])) };
}

/** The value of a variable by its name. @throws Error if the values that it gave have too many letters together */
function valuesOf(variables: ReadonlyMap<string, string>): (name: string) => string | undefined {
  let left = mostLetters;
  return (name) => {
    const value = variables.get(name);
    left -= value?.length ?? 0;
    if (left < 0) throw new Error(`its variables have values of more than ${mostLetters} letters together`);
    return value;
  };
}

/** The variables of a file such as `.env`. */
export function variablesOf(text: string): (readonly [name: string, value: string])[] {
  const lines = text.matchAll(
    /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\n]*))/gm,
  );
  return [...lines].map(([, name = "", double, single, bare = ""]) => [
    name,
    double ?? single ?? bare.trim(),
  ]);
}
