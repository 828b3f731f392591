import { membersOf, type Placed, stringAt, valueAt } from "./merged-config";

/**
 * The configuration with the values of its variables, `${NAME}`: those of its own `env`, and of `.env` beside it, which wins. One
 * that only the gateway's process has stays as written, as `$${NAME}` does.
 * @param dotEnv the text of `.env`
 */
export function withVariables(config: Placed, dotEnv = ""): Placed {
  const env = valueAt(config, ["env"]);
  const own = [...membersOf(env), ...membersOf(valueAt(env, ["vars"]))].flatMap(([name, value]) => {
    const text = stringAt(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return replaced(config, new Map([...own, ...variablesOf(dotEnv)]));
}

function replaced(at: Placed, variables: ReadonlyMap<string, string>): Placed {
  const { value } = at;
  if (typeof value === "string") {
    const text = value.replace(
      /(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}/g,
      (written, name) => variables.get(name) ?? written,
    );
    return { ...at, value: text };
  }
  if (Array.isArray(value)) return { ...at, value: value.map((item: Placed) => replaced(item, variables)) };
  if (!(value instanceof Map)) return at;
  return { ...at, value: new Map([...value].map(([name, each]) => [name, replaced(each, variables)])) };
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
