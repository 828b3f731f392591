import fc from "fast-check";
import { findNodeAtLocation, parse, parseTree } from "jsonc-parser";
import { mergeSections, revertSections } from "../../lib/openclaw/guide-config";

const declared = (model: string, instance = "openclaw") => ({
  instance_name: instance,
  environment: "production",
  model: {
    provider: "openrouter",
    default_model: model,
    fallback_model: "b/two",
    temperature: 0.3,
    max_tokens: 8192,
  },
  vault: {
    enabled: true,
    address: "http://127.0.0.1:8200",
    token_env: "VAULT_TOKEN",
    secret_prefix: "secret",
  },
  agents: { defaults: { models: [{ id: model, provider: "openrouter", role: "primary" }] } },
});
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const ours = json(declared("a/one"));
const next = json(declared("c/three", "paris"));

/** The guide's whole example, as far as its sections matter. */
const guide = `{
    "instance_name": "oa-paris",
    "environment": "production",
    "model": {
        "provider": "openrouter",
        "default_model": "anthropic/claude-sonnet-4-20250514"
    },
    "database": { "host": "127.0.0.1", "port": 5432 },
    "gateway": {"port": 18789},
    "agents": { "defaults": { "models": [], "timeout": 30 }, "list": [ "main" ] },
    "logging": {
        "level": "info"
    }
}
`;

test("the guide's whole file keeps all that is not ours, to the byte", () => {
  expect(mergeSections(guide, ours)).toBe(`{
    "instance_name": "openclaw",
    "environment": "production",
    "model": {
        "provider": "openrouter",
        "default_model": "a/one",
        "fallback_model": "b/two",
        "temperature": 0.3,
        "max_tokens": 8192
    },
    "database": { "host": "127.0.0.1", "port": 5432 },
    "gateway": {"port": 18789},
    "agents": { "defaults": { "models": [
                {
                    "id": "a/one",
                    "provider": "openrouter",
                    "role": "primary"
                }
            ], "timeout": 30 }, "list": [ "main" ] },
    "logging": {
        "level": "info"
    },
    "vault": {
        "enabled": true,
        "address": "http://127.0.0.1:8200",
        "token_env": "VAULT_TOKEN",
        "secret_prefix": "secret"
    }
}
`);
});

test("another model changes its values, and no other line", () => {
  const before = mergeSections(guide, ours).split("\n");
  const after = mergeSections(before.join("\n"), json(declared("c/three"))).split("\n");
  expect(after).toHaveLength(before.length);
  const changed = after.filter((line, index) => line !== before[index]);
  expect(changed.map((line) => line.trim())).toEqual(['"default_model": "c/three",', '"id": "c/three",']);
});

test.each([
  ["nothing", ""],
  ["words", "instance_name: openclaw"],
  ["half of it", '{"a": {'],
  ["two values", "{} {}"],
])("a file that does not parse is refused: %s", (_, text) => {
  expect(() => mergeSections(text, ours)).toThrow(/JSON/);
});

test.each([
  ["a list", "[]", "the whole"],
  ["null", "null", "the whole"],
  ["agents as a list", '{"agents": []}', "agents"],
  ["defaults as null", '{"agents": {"defaults": null}}', "agents.defaults"],
  ["a name of ours twice", '{"model": 1, "model": 2}', "model"],
])("what is of another shape is refused: %s", (_, text, place) => {
  expect(() => mergeSections(text, ours)).toThrow(`${place} in OpenClaw's config.json`);
});

describe("any file", () => {
  const names = fc.oneof(
    fc.constantFrom("database", "gateway", "a b", "é", "//", '"', "__proto__", "models"),
    fc.string(),
  );
  const value = fc.jsonValue({ maxDepth: 3 });
  const others = fc.dictionary(names, value, { maxKeys: 4 });
  const group = fc.record({ models: value, timeout: value, "x y": value }, { requiredKeys: [] });
  const agents = fc.record({ defaults: group, list: value }, { requiredKeys: [] });
  const own = fc.record(
    { instance_name: value, environment: value, model: value, vault: value, agents },
    { requiredKeys: [] },
  );
  const object = fc
    .tuple(others, own, others)
    .map((parts) => Object.fromEntries(parts.flatMap((part) => Object.entries(part))));
  const indent = fc.constantFrom(undefined, 1, 2, 4, "\t");
  const file = fc
    .tuple(
      object,
      indent,
      fc.constantFrom("\n", "\r\n"),
      fc.constantFrom("", "\n", "\n\n"),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([content, space, eol, end, comment, trailing]) => {
      const plain = JSON.stringify(content, null, space);
      const commented = comment && space !== undefined ? plain.replace("{\n", "{\n// mine, {\n") : plain;
      const withComma =
        trailing && /[^{\s]\s*\}$/.test(commented) ? commented.replace(/(\s*)\}$/, ",$1}") : commented;
      return `${comment ? "/* first */ " : ""}${withComma}${end}`.replaceAll("\n", eol);
    });
  const read = (text: string) => parse(text, [], { allowTrailingComma: true });
  const sectionsOf = (text: string) => {
    const {
      instance_name,
      environment,
      model,
      vault,
      agents: {
        defaults: { models },
      },
    } = read(text);
    return { instance_name, environment, model, vault, agents: { defaults: { models } } };
  };

  /** The text of each member that is not ours, by its path. */
  function foreign(text: string): Record<string, string> {
    const found: Record<string, string> = {};
    const root = parseTree(text, [], { allowTrailingComma: true });
    const collect = (path: string[], mine: readonly string[]) => {
      const node = root && findNodeAtLocation(root, path);
      for (const property of node?.children ?? []) {
        const name = property.children?.[0]?.value;
        if (!mine.includes(name))
          found[[...path, name].join("/")] = text.slice(property.offset, property.offset + property.length);
      }
    };
    collect([], ["instance_name", "environment", "model", "vault", "agents"]);
    collect(["agents"], ["defaults"]);
    collect(["agents", "defaults"], ["models"]);
    return found;
  }

  const always = (check: (text: string) => void) => fc.assert(fc.property(file, check), { numRuns: 200 });

  test("has our sections exactly, and the text of all else, in its order", () =>
    always((text) => {
      const merged = mergeSections(text, ours);
      expect(sectionsOf(merged)).toEqual(JSON.parse(ours));
      expect(foreign(merged)).toEqual(foreign(text));
      expect(Object.keys(read(merged)).filter((name) => Object.hasOwn(read(text), name))).toEqual(
        Object.keys(read(text)),
      );
      expect(merged.slice(0, merged.indexOf("{"))).toBe(text.slice(0, text.indexOf("{")));
      expect(merged.slice(merged.lastIndexOf("}"))).toBe(text.slice(text.lastIndexOf("}")));
      if (text.includes("// mine, {")) expect(merged).toContain("// mine, {");
    }));

  test("twice is once, and the last declaration counts, whatever was placed before", () =>
    always((text) => {
      const merged = mergeSections(text, ours);
      expect(mergeSections(merged, ours)).toBe(merged);
      expect(mergeSections(merged, next)).toBe(mergeSections(text, next));
    }));

  test("has no line break that is not of its kind", () =>
    always((text) => {
      const merged = mergeSections(text, ours);
      if (text.includes("\r\n")) expect(merged.replaceAll("\r\n", "")).not.toContain("\n");
      else expect(merged).not.toContain("\r");
    }));

  test("reverted says what it said first", () =>
    always((text) => {
      const reverted = revertSections(mergeSections(text, ours), ours, text);
      expect(read(reverted!)).toEqual(read(text));
      expect(foreign(reverted!)).toEqual(foreign(text));
    }));
});

describe("reverting a file that was edited since", () => {
  test("takes back our values only", () => {
    const edited = mergeSections(guide, ours)
      .replace('"info"', '"debug"')
      .replace('127.0.0.1", "port"', 'db", "port"');
    const reverted = revertSections(edited, ours, guide);
    expect(parse(reverted!)).toEqual({
      ...parse(guide),
      logging: { level: "debug" },
      database: { host: "db", port: 5432 },
    });
  });

  test("leaves a section of ours that somebody changed", () => {
    const edited = mergeSections(guide, ours).replace(
      '"a/one",\n        "fallback',
      '"mine",\n        "fallback',
    );
    expect(parse(revertSections(edited, ours, guide)!).model.default_model).toBe("mine");
  });

  test("leaves what was added to a file that was not there", () => {
    const edited = mergeSections(ours, ours).replace("{\n", '{\n  "logging": 1,\n');
    expect(revertSections(edited, ours, undefined)).toBe('{\n  "logging": 1\n}\n');
  });

  test("leaves nothing where nothing was added", () => {
    expect(revertSections(ours.replace("{", "{ "), ours, undefined)).toBeUndefined();
  });
});
