import { readFileSync } from "node:fs";
import { sources } from "../support/sources";

/** What runs before the program is compiled, as the package is built, or as a program of its own. */
const elsewhere = [
  "scripts/openclaw-openrouter.mjs",
  "scripts/prepare-clone.mjs",
  "scripts/package.mjs",
  "scripts/package-types.mjs",
  "scripts/code-lines.mjs",
  "lib/openclaw/resolver.cjs",
];

test("one file prints; another reads how wide the terminal is", () => {
  const printing = [...sources("lib"), ...sources("scripts"), "main.ts"].filter((path) =>
    /(?<![.\w])process\.std(out|err)\b|\bstd(out|err)\s*[,}][^=\n]*=\s*process\b|\bconsole\.|\/dev\/(tty|std)|\bwriteSync\((1|2)\b/.test(
      readFileSync(path, "utf8"),
    ),
  );
  expect(printing.filter((path) => !elsewhere.includes(path)).sort()).toEqual([
    "lib/cli/output.ts",
    "lib/report/terminal.ts",
  ]);
});
