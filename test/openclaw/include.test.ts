import fc from "fast-check";
import JSON5 from "json5";
import { addInclude, includeName, removeInclude, smallGatewayConfig } from "../../lib/openclaw/include";
import { evaluated, parseJson5 } from "../../lib/openclaw/json5";

const theirs = `// My OpenClaw
{
  // agents first
  agents: { list: [{ id: "main" }] }, // trailing
  channels: { telegram: { enabled: true, }, },
  gateway: { mode: "local", port: 18789 },
  /* the end */
}
`;

test("a user's file keeps comments and layout", () => {
  expect(addInclude(theirs)).toBe(theirs.replace("{\n", `{\n  "$include": ["${includeName}"],\n`));
});

test.each([
  ["{}", `{"$include": ["./openrouter.json5"]}`],
  ["{a:1}", `{"$include": ["./openrouter.json5"], a:1}`],
  ["{\n}\n", `{\n  "$include": ["./openrouter.json5"]\n}\n`],
  ["{ // mine\n\ta: 1,\n}", `{ // mine\n\t"$include": ["./openrouter.json5"],\n\ta: 1,\n}`],
  ["{\r\n  a: 1\r\n}\r\n", `{\r\n  "$include": ["./openrouter.json5"],\r\n  a: 1\r\n}\r\n`],
  [`{"$include": "./a.json5", b: 1}`, `{"$include": ["./a.json5", "./openrouter.json5"], b: 1}`],
  [`{$include: ['a.json5'], b: 1}`, `{$include: ['a.json5', "./openrouter.json5"], b: 1}`],
  ["{$include: [ ]}", `{$include: ["./openrouter.json5" ]}`],
])("%j becomes %j", (text, expected) => {
  expect(addInclude(text)).toBe(expected);
  expect(JSON5.parse(removeInclude(expected, text)!)).toEqual(JSON5.parse(text));
});

test.each([`{$include: "./openrouter.json5"}`, `{$include: ['openrouter.json5', './a.json5']}`])(
  "is not added a second time to %s",
  (text) => expect(addInclude(text)).toBe(text),
);

test.each([
  ["[]", "not an object"],
  ["{a: 1", "Unexpected"],
  ["{$include: 1}", "neither a string nor a list"],
])("%s is refused", (text, reason) => {
  expect(() => addInclude(text)).toThrow(reason);
});

describe("any file", () => {
  const space = fc
    .array(fc.constantFrom(" ", "\t", "NL", "/* c, } ] */", '// l: {"NL', "\u00a0", "\ufeff", "\u2028"), {
      maxLength: 3,
    })
    .map((parts) => parts.join(""));
  const quoted = fc
    .tuple(
      fc.constantFrom('"', "'"),
      fc.array(fc.constantFrom("a", "\\n", "\\x41", "é", "//", "/*", "{", "\\\n", "😀"), { maxLength: 3 }),
    )
    .map(([quote, parts]) => quote + parts.join("") + quote);
  const name = fc.oneof(fc.constantFrom("a", "$x", "_b", "ünï", "agents", "__proto__", "gateway"), quoted);
  const { members } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("1", "-0.5", ".5", "0x1F", "+Infinity", "NaN", "true", "null"),
      quoted,
      tie("list"),
      tie("members"),
    ),
    list: fc
      .tuple(fc.array(fc.tuple(space, tie("value"), space), { maxLength: 3 }), fc.boolean(), space)
      .map(
        ([items, comma, end]) =>
          `[${items.map((item) => item.join("")).join(",")}${items.length > 0 && comma ? "," : ""}${end}]`,
      ),
    members: fc
      .tuple(
        fc.array(fc.tuple(space, name, space, fc.constant(":"), space, tie("value"), space), {
          maxLength: 4,
        }),
        fc.boolean(),
        space,
      )
      .map(
        ([items, comma, end]) =>
          `{${items.map((item) => item.join("")).join(",")}${items.length > 0 && comma ? "," : ""}${end}}`,
      ),
  }));
  const file = fc
    .tuple(space, members as fc.Arbitrary<string>, space, fc.constantFrom("\n", "\r\n"))
    .map(([begin, object, end, eol]) => `${begin}${object}${end}`.replaceAll("NL", eol));
  const always = (check: (text: string) => void) => fc.assert(fc.property(file, check), { numRuns: 500 });

  test("is read as the gateway reads it", () => {
    always((text) => expect(evaluated(parseJson5(text).root)).toEqual(JSON5.parse(text)));
  });

  test("says what it said, and includes the fragment; no sign of it is lost", () =>
    always((text) => {
      const added = addInclude(text);
      expect(JSON5.parse(added)).toEqual({ ...JSON5.parse(text), $include: [includeName] });
      expect(isKept(text, added)).toBe(true);
    }));

  test("twice is once, and taken out again it is the same to the byte", () =>
    always((text) => {
      const added = addInclude(text);
      expect(addInclude(added)).toBe(added);
      expect(removeInclude(added, text)).toBe(text);
    }));

  /** Whether one text is the other with something put in at one place. */
  function isKept(text: string, added: string): boolean {
    let begin = 0;
    while (begin < text.length && text[begin] === added[begin]) begin++;
    return added.endsWith(text.slice(begin));
  }
});

describe("taking it out of a file that was edited since", () => {
  test("leaves every edit", () => {
    const edited = addInclude(theirs).replace("18789", "19000").replace("// trailing", "// changed");
    expect(removeInclude(edited, theirs)).toBe(
      theirs.replace("18789", "19000").replace("// trailing", "// changed"),
    );
  });

  test("leaves other includes, one of them as it was written first", () => {
    expect(removeInclude(`{$include: ["./a.json5", "./openrouter.json5"]}`, `{$include: "./a.json5"}`)).toBe(
      `{$include: "./a.json5"}`,
    );
    expect(removeInclude(`{$include: ["./a.json5", "./openrouter.json5", "b"]}`, "{}")).toBe(
      `{$include: ["./a.json5", "b"]}`,
    );
  });

  test("takes it out of what the gateway wrote again", () => {
    const written = `{\n  "$include": [\n    "./openrouter.json5"\n  ],\n  "gateway": {\n    "mode": "local",\n    "port": 1\n  }\n}\n`;
    expect(removeInclude(written, theirs)).toBe(
      `{\n  "gateway": {\n    "mode": "local",\n    "port": 1\n  }\n}\n`,
    );
  });

  test.each([
    [`{ a: 1, "$include": ["./openrouter.json5"] }`, "{ a: 1 }"],
    [`{ a: 1, "$include": ["./openrouter.json5"] /* c */, }`, "{ a: 1, /* c */ }"],
    [`{\n  // note\n  "$include": ["./openrouter.json5"], a: 1\n}`, "{\n  // note\n  a: 1\n}"],
  ])("of %j leaves %j", (text, expected) => {
    expect(removeInclude(text, "{ a: 1 }")).toBe(expected);
    expect(() => JSON5.parse(expected)).not.toThrow();
  });

  test("a file that was not there goes, and its mode too where nothing was added", () => {
    expect(removeInclude(smallGatewayConfig.replace("{", "{ "), undefined)).toBeUndefined();
    const used = smallGatewayConfig.replace('"gateway"', '"meta": { a: 1 },\n  "gateway"');
    expect(JSON5.parse(removeInclude(used, undefined)!)).toEqual({ meta: { a: 1 } });
  });
});
