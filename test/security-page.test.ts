import { existsSync, readdirSync, readFileSync } from "node:fs";

const pages = ["SECURITY.md", "docs/attacks.md"];
const named = (page: string) => [
  ...new Set(readFileSync(page, "utf8").match(/\btest\/[\w./-]+\.test\.ts\b/g) ?? []),
];

test.each(pages)("each test that %s names is there", (page) => {
  const tests = named(page);
  expect(tests.length).toBeGreaterThan(10);
  expect(tests.filter((path) => !existsSync(path))).toEqual([]);
});

test("every attack is listed", () => {
  const attacks = readdirSync("test/attacks").filter((name) => name.endsWith(".test.ts"));
  expect(attacks.length).toBeGreaterThan(10);
  const listed = named("docs/attacks.md");
  expect(attacks.map((name) => `test/attacks/${name}`).filter((path) => !listed.includes(path))).toEqual([]);
});

test("SECURITY.md stays short, and each promise in its table names a test", () => {
  const lines = readFileSync("SECURITY.md", "utf8").trimEnd().split("\n");
  expect(lines.length).toBeLessThanOrEqual(150);
  const rows = lines.filter((line) => line.startsWith("| ")).slice(1);
  expect(rows.length).toBeGreaterThan(20);
  const without = rows.filter((row) => {
    const last = row.split("|").at(-2)?.trim() ?? "";
    return !/^---$/.test(last) && !/`test\/|^the same/.test(last);
  });
  expect(without).toEqual([]);
});
