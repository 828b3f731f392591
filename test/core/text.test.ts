import {
  counted,
  formattedJson,
  hanging,
  jsonText,
  quote,
  shortened,
  table,
  wrap,
} from "../../lib/core/text";

test("a table has columns as wide as their widest cell, and no blank at the end of a line", () => {
  expect(
    table([
      ["role", "model", "listed"],
      ["fallback", "a/b", ""],
      ["a", "much/longer", "no"],
    ]),
  ).toBe("role      model        listed\nfallback  a/b\na         much/longer  no");
  expect(table([])).toBe("");
});

test.each<[string, number, string[]]>([
  ["", 10, [""]],
  ["  one  ", 10, ["one"]],
  ["one two", 7, ["one two"]],
  ["one two", 6, ["one", "two"]],
  ["one\ntwo\tthree", 9, ["one two", "three"]],
  ["a muchtoolongword b", 5, ["a", "muchtoolongword", "b"]],
  [
    "Run `openclaw-openrouter key rotate`, then go",
    12,
    ["Run", "`openclaw-openrouter key rotate`,", "then go"],
  ],
  [
    "openclaw-openrouter restore --from '/a  b/c' --instance paris\nbrings it back",
    20,
    ["openclaw-openrouter restore --from '/a  b/c' --instance paris", "brings it back"],
  ],
  ["mv '/Ada'\\''s  x' /y", 10, ["mv", "'/Ada'\\''s  x'", "/y"]],
  [
    "or close it: sudo iptables -d 127.0.0.0/8 -j DROP\n(it could not be done: no)",
    20,
    ["or close it:", "sudo iptables -d 127.0.0.0/8 -j DROP", "(it could not be", "done: no)"],
  ],
  ["chown -R ada /home/ada/.openclaw\nIf not", 10, ["chown -R ada /home/ada/.openclaw", "If not"]],
  [
    "See docker logs of its container. Then go on",
    14,
    ["See docker", "logs of its", "container.", "Then go on"],
  ],
  [
    "Find the cause: docker logs vault. Then go on",
    14,
    ["Find the", "cause: docker", "logs vault.", "Then go on"],
  ],
  ["OpenClaw's user and Vault's", 10, ["OpenClaw's", "user and", "Vault's"]],
])("%j in %d columns", (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});

test("JSON has short lists of texts on one line, and long ones and others not", () => {
  expect(formattedJson({ a: ["x", "y"] })).toBe('{\n  "a": ["x", "y"]\n}\n');
  expect(formattedJson({ a: [1, 2] })).toBe('{\n  "a": [\n    1,\n    2\n  ]\n}\n');
  const long = ["x".repeat(50), "y".repeat(50)];
  expect(formattedJson(long)).toBe(`${JSON.stringify(long, undefined, 2)}\n`);
});

test.each([
  ["plain-1.2/x:=@,+", "plain-1.2/x:=@,+"],
  ["", "''"],
  ["two words", "'two words'"],
  ["it's", "'it'\\''s'"],
  ["$HOME", "'$HOME'"],
  ["a;b\n", "'a;b\n'"],
])("%j for a shell", (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});

test("a table's gap can be another one, and a row can have fewer cells", () => {
  expect(table([["a", "b"], ["longer"]], " | ")).toBe("a      | b\nlonger");
});

test("further lines stand below the first one's text", () => {
  expect(hanging("! ", "one two three", 9)).toEqual(["! one two", "  three"]);
});

test.each(["' a\n✔ b '", "openclaw-openrouter check --instance 'a\n✔ b '"])(
  "no line break in %j begins a line",
  (text) => {
    expect(hanging("! ", text).join("\n")).not.toContain("\n✔");
  },
);

test("a longer text is cut to its limit, with an ellipsis", () => {
  expect([shortened("abcd", 4), shortened("abcde", 4)]).toEqual(["abcd", "abc…"]);
});

test("what is counted has its plural", () => {
  expect([0, 1, 2].map((number) => counted(number, "day"))).toEqual(["0 days", "1 day", "2 days"]);
});

test("a file of JSON ends with a line break", () => {
  expect(jsonText({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}\n');
});
