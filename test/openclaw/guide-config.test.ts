import fc from "fast-check";
import { findNodeAtLocation, parse, parseTree, visit } from "jsonc-parser";
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

/** The setup guide's whole example, as far as its sections matter. */
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

test("the setup guide's whole file keeps all that is not ours, to the byte", () => {
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
    "agents": { "defaults": { "models": [{"id":"a/one","provider":"openrouter","role":"primary"}], "timeout": 30 }, "list": [ "main" ] },
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
  expect(changed.map((line) => line.trim()).sort()).toEqual([
    '"agents": { "defaults": { "models": [{"id":"c/three","provider":"openrouter","role":"primary"}], "timeout": 30 }, "list": [ "main" ] },',
    '"default_model": "c/three",',
  ]);
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
  ["a list", "[]", "the file"],
  ["null", "null", "the file"],
  ["agents as a list", '{"agents": []}', "agents"],
  ["defaults as null", '{"agents": {"defaults": null}}', "agents.defaults"],
  ["a name of ours twice", '{"model": 1, "model": 2}', "model"],
])("what is of another shape is refused: %s", (_, text, place) => {
  expect(() => mergeSections(text, ours)).toThrow(`${place} is `);
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
  const blanks = fc.array(fc.constantFrom("", " ", "\n", "\n\t", "  ", "\n      ", "/* , } */", "// { x\n"), {
    minLength: 7,
    maxLength: 7,
  });
  /** As a person writes it, each blank another one. */
  function write(content: unknown, next: () => string, trailing: boolean): string {
    if (typeof content !== "object" || content === null) return JSON.stringify(content);
    const isList = Array.isArray(content);
    const items = Object.entries(content).map(([name, inner]) => {
      const label = isList ? "" : `${JSON.stringify(name)}${next()}:${next()}`;
      return `${next()}${label}${write(inner, next, trailing)}${next()}`;
    });
    const text = items.join(",") + (trailing && items.length > 0 ? "," : "") + next();
    return isList ? `[${text}]` : `{${text}}`;
  }
  const loose = fc.tuple(object, blanks, fc.boolean()).map(([content, chosen, trailing]) => {
    let count = 0;
    return write(content, () => chosen[count++ % chosen.length] ?? "", trailing);
  });
  const regular = fc
    .tuple(object, fc.constantFrom(undefined, 1, 2, 4, "\t"))
    .map(([content, space]) => JSON.stringify(content, null, space));
  const file = fc
    .tuple(
      fc.oneof(loose, regular),
      fc.constantFrom("", "\uFEFF", "// first\n"),
      fc.constantFrom("", "\n", "\n// last"),
      fc.constantFrom("\n", "\r\n"),
    )
    .map(([text, begin, end, eol]) => `${begin}${text}${end}`.replaceAll("\n", eol));
  const read = (text: string) => parse(text.replace("\uFEFF", ""), [], { allowTrailingComma: true });
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
    // A blank in the mark's place keeps the offsets.
    const root = parseTree(text.replace("\uFEFF", " "), [], { allowTrailingComma: true });
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

  function commentsOf(text: string): string[] {
    const found: string[] = [];
    visit(
      text,
      { onComment: (offset, length) => found.push(text.slice(offset, offset + length).trim()) },
      { allowTrailingComma: true },
    );
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
      // Comments inside a section of ours go with it.
      expect(commentsOf(merged).length).toBeLessThanOrEqual(commentsOf(text).length);
    }));

  test("twice is once, and the last declaration counts, whatever was placed before", () =>
    always((text) => {
      const merged = mergeSections(text, ours);
      expect(mergeSections(merged, ours)).toBe(merged);
      expect(read(mergeSections(merged, next))).toEqual(read(mergeSections(text, next)));
      expect(foreign(mergeSections(merged, next))).toEqual(foreign(text));
    }));

  test("has no line break that is not of its kind", () =>
    always((text) => {
      const merged = mergeSections(text, ours);
      if (!text.includes("\n")) return;
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
