import { plain, plainJson } from "../../lib/core/plain-text";
import { cell } from "../../lib/report/markdown";

/** What a terminal obeys, and what nobody sees: by name, since it could not be told apart here. */
const hostile: Readonly<Record<string, string>> = {
  escape: "\u001b[2J",
  bell: "\u0007",
  "carriage return": "\r",
  tab: "\t",
  backspace: "\b",
  delete: "\u007f",
  "C1's own escape": "\u009b31m",
  "operating system command": "\u009d0;title\u009c",
  "line separator": "\u2028",
  "paragraph separator": "\u2029",
  "right-to-left override": "\u202e",
  isolate: "\u2066",
  "left-to-right mark": "\u200e",
  "Arabic letter mark": "\u061c",
  "zero-width space": "\u200b",
  "zero-width joiner": "\u200d",
  "byte order mark": "\ufeff",
  "tag letter": "\u{e0041}",
  "Hangul filler": "\u3164",
};
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be gone.
  /[\0-\t\v-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\u{e0000}-\u{e0fff}]/u;

test.each(Object.entries(hostile))("text for people holds no %s", (_, sign) => {
  const text = plain(`before${sign}after\nnext`);
  expect(text).not.toMatch(unseen);
  expect(text).toMatch(/^before.*after\nnext$/);
});

test.each(Object.entries(hostile))("JSON holds no %s, and means it still", (_, sign) => {
  const value = { [`name${sign}`]: `before${sign}after\nnext`, list: [1, sign] };
  const text = plainJson(value);
  expect(text).not.toMatch(unseen);
  expect(JSON.parse(text)).toEqual(value);
});

/** What GitHub's and Azure's runners and TeamCity obey in a line of a job's log. */
const obeyedInLog = /^\s*::[a-z-]+( .*)?::|##(vso|teamcity)?\[/im;

test.each([
  ["GitHub's", "::error file=a::forged"],
  ["GitHub's, after blanks", "before\n   ::set-output name=code::0"],
  ["GitHub's, after what a blank replaces", "before\r\n\t::ADD-MASK::drift\nafter"],
  ["GitHub's older ones", "before ##[add-mask]drift"],
  ["Azure's", "before\n##vso[task.setvariable variable=PATH]/tmp"],
  ["TeamCity's", "####teamcity[blockOpened name='x']"],
])("no text for people and no JSON is a command of a log: %s", (_, text) => {
  expect(text).toMatch(obeyedInLog);
  expect(plain(text)).not.toMatch(obeyedInLog);
  expect(plain(plain(text))).toBe(plain(text));
  const json = plainJson({ text });
  expect(json).not.toMatch(obeyedInLog);
  expect(JSON.parse(json)).toEqual({ text });
});

test("IPv6 addresses, ports and headings are no commands", () => {
  const text = "::1 and fe80::1\n::ffff:10.0.0.1 ::\na::b: c::\n## [Unreleased] #1 [x]";
  expect(plain(text)).toBe(text);
});

test("what people write stays: other scripts, signs, lines", () => {
  const text = "Vault läuft – ✔ 日本語 עברית\r\n  second";
  expect(plain(text)).toBe("Vault läuft – ✔ 日本語 עברית\n  second");
});

describe("a cell of Markdown", () => {
  test.each([
    ["a link behind a backslash", "\\[Click\\](https://evil)"],
    ["a bare address", "see https://evil.example or www.evil.example"],
    ["a mention", "@everybody and team@evil.example"],
    ["a reference", "#1 GH-1 owner/repository#2 !3 ~label"],
    ["a fence", "```\n# heading\n```"],
    ["HTML", '<img src=x onerror="x">&lt;'],
    ["a table's end", "a | b \\| c"],
    ["a formula", "$x$ `code` *bold* _it_ ~~gone~~"],
    ["a quick action", "/close\n/assign @me"],
  ])("does not become %s", (_, text) => {
    const lines = cell(text).split("<br>");
    for (const line of lines) {
      const inside = /^<code>(.*)<\/code>$/.exec(line)?.[1];
      expect(inside?.replace(/&#\d+;/g, "")).toMatch(/^[^&<>\\`*_~[\]{}|#@$]*$/);
      expect(inside).not.toMatch(/www\.|:\/|:\w/);
    }
    expect(shown(cell(text))).toBe(text);
  });
});

/** What a reader sees of it. */
function shown(markdown: string): string {
  return markdown
    .replaceAll("<br>", "\n")
    .replace(/<\/?code>/g, "")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}
