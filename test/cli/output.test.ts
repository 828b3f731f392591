import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The sources of the program, below a folder. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

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
