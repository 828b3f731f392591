import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Words that no manual of Docker, Terraform or Vault uses for what is meant here, and the word to use instead. */
const words: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bverbs?\b/, "command"],
  [/\bmend(s|ed|ing|able)?\b/, "fix"],
  [/\bkits?\b/, "offline bundle"],
  [/\berrands?\b/, "pending key cleanup"],
  [/\banew\b/, "again, re-create, rewrite"],
  [/\bobtain(s|ed|ing)?\b/, "install, download"],
  [/\bvouch(es|ed|ing)?\b/, "verify"],
  [/\bthrow ?aways?\b/, "ephemeral"],
  [/\bgravest\b/, "most severe"],
  [/\bof before\b/, "previous"],
  [/\bin the place of\b/, "instead of, replaces"],
  [/\bas it is\b/, "existing, unchanged, current"],
  [/\bnot looked at\b/, "skipped"],
];

const root = join(__dirname, "..");
const folders = ["lib", "scripts", "test", "docs", "examples", "bundle", ".ci"];
const texts = /\.(ts|mjs|cjs|js|md|json|jsonc|json5|ya?ml|sh|go|py|service|txt)$/;
/** Texts of others: TypeDoc's pages are made of the doc comments that are read here already. */
const foreign = /^(docs\/api\/|test\/words\.test\.ts$|package-lock\.json$)/;

test.each(files())("%s uses the words of the tools' manuals", (path) => {
  expect(found(readFileSync(join(root, path), "utf8"), path)).toEqual([]);
});

test("the words are found in prose, in identifiers and in file names", () => {
  expect(found("// Mends it,\nconst carriedKit = 1;", "lib/errands.ts")).toEqual([
    "lib/errands.ts:0: errands (pending key cleanup)",
    "lib/errands.ts:1: mends (fix)",
    "lib/errands.ts:2: kit (offline bundle)",
  ]);
  expect(found("verbatim, kitchen, amendment; beforeEach", "lib/verbose.ts")).toEqual([]);
});

test("a phrase is found over the end of a line of a comment", () => {
  expect(found(" * puts it in the\n * place of the other", "a.ts")).toEqual([
    "a.ts:1: in the place of (instead of, replaces)",
  ]);
});

/** Every text of this repository's own, by its path in it. */
function files(): string[] {
  const own = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile());
  const below = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true }).filter((entry) =>
      entry.isFile(),
    ),
  );
  return [...own, ...below]
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => texts.test(path) && !foreign.test(path));
}

/** Where a text, or its name, has one of the words; line 0 is the name. */
function found(text: string, path: string): string[] {
  const read = [...split(path, 0), ...text.split("\n").flatMap((line, index) => split(line, index + 1))];
  const joined = read.map(({ word }) => word).join(" ");
  const at = (index: number) => read[joined.slice(0, index).split(" ").length - 1]?.line ?? 0;
  return words
    .flatMap(([pattern, instead]) =>
      [...joined.matchAll(new RegExp(pattern, "g"))].map(({ 0: word, index }) => ({
        word,
        instead,
        line: at(index),
      })),
    )
    .sort((a, b) => a.line - b.line)
    .map(({ line, word, instead }) => `${path}:${line}: ${word} (${instead})`);
}

/** The words of a line in lower case, those of identifiers apart; a sign between them ends a phrase. */
function split(text: string, line: number): { word: string; line: number }[] {
  const spaced = text.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  const words = spaced.match(/[a-z]+|[^a-z\s*/_-]/g) ?? [];
  return words.map((word) => ({ word, line }));
}
