import { existsSync, readdirSync, readFileSync } from "node:fs";

const list = readFileSync("docs/attacks.md", "utf8");
const named = [...list.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, path = ""]) => path);

test("the list of attacks names every file of them, and only files that are there", () => {
  const attacks = readdirSync("test/attacks").filter((name) => name.endsWith(".test.ts"));
  expect(attacks.map((name) => `test/attacks/${name}`).filter((path) => !named.includes(path))).toEqual([]);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test("one command runs all of them", () => {
  const command: string = JSON.parse(readFileSync("package.json", "utf8")).scripts["test:attacks"];
  const [, patterns = ""] = /openclaw-openrouter\.mjs test (.*)$/.exec(command) ?? [];
  const isRun = (path: string) => patterns.split(" ").some((pattern) => new RegExp(pattern).test(path));
  expect(named.filter((path) => !isRun(path))).toEqual([]);
});
