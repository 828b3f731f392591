import { existsSync, readdirSync, readFileSync } from "node:fs";

const list = readFileSync("docs/attacks.md", "utf8");
const named = (page: string) => [...new Set(page.match(/\btest\/[\w./-]+\.test\.ts\b/g) ?? [])];

test.each(["SECURITY.md", "docs/attacks.md"])("each test that %s names is there", (page) => {
  const tests = named(readFileSync(page, "utf8"));
  expect(tests.length).toBeGreaterThan(0);
  expect(tests.filter((path) => !existsSync(path))).toEqual([]);
});

test("every attack is listed", () => {
  const attacks = readdirSync("test/attacks").filter((name) => name.endsWith(".test.ts"));
  expect(attacks.length).toBeGreaterThan(10);
  expect(attacks.map((name) => `test/attacks/${name}`).filter((path) => !named(list).includes(path))).toEqual(
    [],
  );
});

test("SECURITY.md stays short", () => {
  expect(readFileSync("SECURITY.md", "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
});

test("each promise of docs/attacks.md names a test", () => {
  const rows = list.split("\n").filter((line) => /^\| (?!---).*(?<!\| Test) \|$/.test(line));
  expect(rows.length).toBeGreaterThan(40);
  const without = rows.filter((row) => !/`test\/|^the same/.test(row.split("|").at(-2)?.trim() ?? ""));
  expect(without).toEqual([]);
});

test("one command runs all of them, but for end-to-end tests that try no attack", () => {
  const command: string = JSON.parse(readFileSync("package.json", "utf8")).scripts["test:attacks"];
  const [, patterns = ""] = /openclaw-openrouter\.mjs test (.*)$/.exec(command) ?? [];
  const isRun = (path: string) => patterns.split(" ").some((pattern) => new RegExp(pattern).test(path));
  const tryAttacks = ["cron", "drift-ci", "installed"].map((name) => `test/e2e/${name}.test.ts`);
  const tests = named(list);
  expect(tests).toEqual(expect.arrayContaining(tryAttacks));
  expect(
    [...tests.filter((path) => !path.startsWith("test/e2e/")), ...tryAttacks].filter((path) => !isRun(path)),
  ).toEqual([]);
});
