import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandNames, runnable } from "../../lib/host/program-name";
import { commandsOf } from "../../scripts/command";
import { buildProgram } from "../../scripts/program";
import { scratchFolder } from "../support/folder";

const root = join(__dirname, "../..");

function program(name = "program.mjs"): { path: string; folder: string } {
  const folder = scratchFolder();
  const path = join(folder, name);
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  return { path, folder };
}

test("every command is known by its name", () => {
  const program = buildProgram();
  const first = commandsOf(program).filter(({ parent }) => parent === program);
  expect([...commandNames].sort()).toEqual(first.map((command) => command.name()).sort());
});

test("a command that is told can be run: by the program's path", () => {
  const { path, folder } = program();
  expect(runnable("Run `openclaw-openrouter up`; then openclaw-openrouter drift --fix", path, folder)).toBe(
    `Run \`${path} up\`; then ${path} drift --fix`,
  );
});

test("or by its name, if the PATH leads to this very program", () => {
  const { path, folder } = program();
  symlinkSync(path, join(folder, "openclaw-openrouter"));
  expect(runnable("openclaw-openrouter up", path, folder)).toBe("openclaw-openrouter up");
  expect(runnable("openclaw-openrouter up", program().path, folder)).not.toContain("openclaw-openrouter up");
});

test("a path with a blank is quoted", () => {
  const { path, folder } = program("it's $& mine.mjs");
  expect(runnable("openclaw-openrouter up", path, folder)).toBe(`'${path.replace("'", "'\\''")}' up`);
});

test.each([
  "the file as openclaw-openrouter wrote it",
  "/opt/openclaw-openrouter up",
  "openclaw-openrouter needs",
])("what is no command stays: %s", (text) => {
  const { path, folder } = program();
  expect(runnable(text, path, folder)).toBe(text);
});

test("no text has npx run the name, which nobody holds at the registry", () => {
  const texts = ["lib", "scripts", "docs", "examples", "main.ts", "README.md", "SECURITY.md", "CHANGELOG.md"];
  const offenders = texts
    .flatMap(filesBelow)
    .filter((file) => /npx (-y |--yes )?openclaw-openrouter/.test(readFileSync(file, "utf8")));
  expect(offenders).toEqual([]);
});

function filesBelow(name: string): string[] {
  const path = join(root, name);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() || entry.isFile() ? filesBelow(join(name, entry.name)) : [],
  );
}
