import { spawnSync } from "node:child_process";
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const launcher = "scripts/openclaw-openrouter.mjs";

/** A package whose only command prints a word, or ends with the number that it is given. */
function packageOf(word: string): string {
  const root = scratchFolder();
  for (const folder of ["scripts", "dist"]) mkdirSync(join(root, folder));
  copyFileSync(resolve(__dirname, "../..", launcher), join(root, launcher));
  compile(root, word);
  return root;
}

function compile(root: string, word: string): void {
  const code = `exports.main = (argv) => { console.log("${word}"); process.exitCode = Number(argv[3] ?? 0); };`;
  writeFileSync(join(root, "dist/cli.cjs"), code);
}

function run(root: string, ...args: string[]) {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, launcher), ...args], {
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  return stdout + stderr;
}

/** What V8 made, by its path and when it was written. */
function kept(root: string): [string, number][] {
  const folder = join(root, "dist/.compiled");
  const files = statSync(folder, { throwIfNoEntry: false })
    ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  return files.map(({ parentPath, name }) => [
    join(parentPath, name),
    statSync(join(parentPath, name)).mtimeMs,
  ]);
}

const commands = (root: string) => kept(root).map(([path]) => path.split("/").at(-1));

describe("what V8 made of the program", () => {
  test("is kept for each command, and used from then on", () => {
    const root = packageOf("one");
    expect(run(root, "up")).toBe("one\n");
    const first = kept(root);
    expect(commands(root)).toEqual(["up"]);
    expect([run(root, "up"), run(root, "up", "1")]).toEqual(["one\n", "one\n"]);
    expect(kept(root)).toEqual(first);
    run(root, "check");
    run(root);
    expect(commands(root).sort()).toEqual(["check", "overview", "up"]);
  });

  test("is kept of a failed run until one succeeds, and not of wrong usage", () => {
    const root = packageOf("one");
    run(root, "statsu", "64");
    expect(kept(root)).toEqual([]);
    run(root, "status", "4");
    const failed = kept(root);
    expect(commands(root)).toEqual(["status.failed"]);
    run(root, "status", "4");
    expect(kept(root)).toEqual(failed);
    run(root, "status");
    expect(commands(root).sort()).toEqual(["status", "status.failed"]);
  });

  test("is not used for other code, also of the same length and time", () => {
    const root = packageOf("one");
    utimesSync(join(root, "dist/cli.cjs"), 1, 1);
    run(root, "up");
    compile(root, "two");
    utimesSync(join(root, "dist/cli.cjs"), 1, 1);
    expect(run(root, "up")).toBe("two\n");
  });

  test.each(["", "damaged"])("is made again if it is %j", (content) => {
    const root = packageOf("one");
    run(root, "up");
    const [[path]] = kept(root) as [[string, number]];
    writeFileSync(path, content);
    expect(run(root, "up")).toBe("one\n");
    expect(statSync(path).size).toBeGreaterThan(100);
  });

  test("has what ran long before the end, too", () => {
    const root = packageOf("one");
    const code = `const early = () => "ran early";
      early();
      exports.main = () => {
        // After some collections of garbage.
        let kept = [];
        for (let times = 0; times < 40; times++) {
          kept = [];
          for (let at = 0; at < 300_000; at++) kept.push({ at });
        }
      };`;
    writeFileSync(join(root, "dist/cli.cjs"), code);
    expect(run(root, "up")).toBe("");
    const [[path]] = kept(root) as [[string, number]];
    expect(readFileSync(path, "latin1")).toContain("ran early");
  });

  test("has no name from outside of its folder", () => {
    const root = packageOf("one");
    expect(run(root, "../../../up")).toBe("one\n");
    expect(commands(root)).toEqual(["overview"]);
  });

  testAsRoot("is left by the owner of the program alone", () => {
    const root = packageOf("one");
    chownSync(join(root, "dist"), 65534, 65534);
    expect(run(root, "up")).toBe("one\n");
    expect(kept(root)).toEqual([]);
  });
});
