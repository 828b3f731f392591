import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandsOf } from "../../lib/cli/command";
import { buildProgram } from "../../lib/cli/program";
import { commandNames, runnable } from "../../lib/host/program-name";
import { scratchFolder } from "../support/folder";

const root = join(__dirname, "../..");

function program(name = "program.mjs"): { path: string; folder: string } {
  const folder = scratchFolder();
  const path = join(folder, name);
  writeFileSync(path, "");
  chmodSync(path, 0o755);
  return { path, folder };
}

/** With Node on the PATH, as where npm is. */
const told = (text: string, path: string, folder: string) =>
  runnable(text, () => [path], `${folder}:${dirname(process.execPath)}`);

test("every command is known by its name", () => {
  const program = buildProgram();
  const first = commandsOf(program).filter(({ parent }) => parent === program);
  expect([...commandNames].sort()).toEqual(first.map((command) => command.name()).sort());
});

test("a command that is told can be run: by the program's path", () => {
  const { path, folder } = program();
  expect(told("Run `openclaw-openrouter up`; then openclaw-openrouter drift --fix", path, folder)).toBe(
    `Run \`${path} up\`; then ${path} drift --fix`,
  );
});

test("or by its name, if the PATH leads to this very program", () => {
  const { path, folder } = program();
  symlinkSync(path, join(folder, "openclaw-openrouter"));
  expect(told("openclaw-openrouter up", path, folder)).toBe("openclaw-openrouter up");
  expect(told("openclaw-openrouter up", program().path, folder)).not.toContain("openclaw-openrouter up");
});

test("the link on the PATH of the installed copy serves as well, though a clone was started", () => {
  const [clone, copy] = [program(), program()];
  const link = join(copy.folder, "openclaw-openrouter");
  symlinkSync(copy.path, link);
  const path = (folder: string) => `${folder}:${dirname(process.execPath)}`;
  const programs = () => [link, copy.path, clone.path];
  expect(runnable("openclaw-openrouter up", programs, path(copy.folder))).toBe("openclaw-openrouter up");
  // Another program of that name comes first on the PATH, or there is none: the path is told.
  const hostile = program("openclaw-openrouter").folder;
  for (const folder of [`${hostile}:${copy.folder}`, "/nowhere"])
    expect(runnable("openclaw-openrouter up", programs, path(folder))).toBe(`${link} up`);
});

test("by Node's own path if the PATH has none, or the file is no program", () => {
  const { path, folder } = program();
  symlinkSync(path, join(folder, "openclaw-openrouter"));
  expect(runnable("openclaw-openrouter up", () => [path], folder)).toBe(`${process.execPath} ${path} up`);
  chmodSync(path, 0o644);
  expect(told("openclaw-openrouter up", path, "/nowhere")).toBe(`${process.execPath} ${path} up`);
});

test("a path with a blank is quoted", () => {
  const { path, folder } = program("it's $& mine.mjs");
  expect(told("openclaw-openrouter up", path, folder)).toBe(`'${path.replace("'", "'\\''")}' up`);
});

test.each([
  "the file as openclaw-openrouter wrote it",
  "/opt/openclaw-openrouter up",
  "openclaw-openrouter needs",
])("what is no command stays: %s", (text) => {
  const { path, folder } = program();
  expect(told(text, path, folder)).toBe(text);
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
