import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../lib/host/find-program";
import { completionScript } from "../../scripts/completion-script";
import { helpOf, visibleOptions, visibleVerbs } from "../../scripts/help";
import { buildProgram } from "../../scripts/program";
import { verbPages, verbsFolder } from "../../scripts/verb-pages";
import { scratchFolder } from "../support/folder";

const program = buildProgram();
const verbs = visibleVerbs(program).map((verb) => [verb.name(), verb] as const);

test("the committed pages are what the verbs say; else run `npm run generate`", () => {
  const pages = verbPages(program);
  const committed = readdirSync(verbsFolder).map((name) => join(verbsFolder, name));
  expect(committed.sort()).toEqual(Object.keys(pages).sort());
  for (const path of committed) expect([path, readFileSync(path, "utf8")]).toEqual([path, pages[path]]);
});

describe.each(verbs)("the help of %s", (name, verb) => {
  const { examples, exitCodes } = helpOf(verb);

  test("has examples, whose options there are", () => {
    expect(examples.length).toBeGreaterThan(0);
    const known = visibleOptions(verb).flatMap(({ short, long }) => [short, long]);
    for (const [line] of examples) {
      expect(line).toMatch(new RegExp(`openclaw-openrouter ${name}\\b`));
      for (const [option] of String(line).matchAll(/(?<=\s)--?[a-z][\w-]*/g)) expect(known).toContain(option);
    }
  });

  test("has exit codes, and no line that is wider than a terminal", () => {
    expect(exitCodes.map(([code]) => code)).toEqual(expect.arrayContaining([0, 1, 64, 130]));
    let text = "";
    verb.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 }).outputHelp();
    expect(text).toContain("Exit codes:");
    expect(text.split("\n").filter((line) => line.length > 85)).toEqual([]);
  });
});

describe("completion", () => {
  const folder = scratchFolder();
  const file = (shell: "bash" | "zsh" | "fish") => {
    const path = join(folder, `completion.${shell}`);
    writeFileSync(path, completionScript(program, shell));
    return path;
  };

  /** What bash offers for a command line that ends where the cursor is. */
  function offered(...words: string[]): string[] {
    const script = `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _openclaw_openrouter; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ["-c", script, file("bash"), "openclaw-openrouter", ...words];
    const env = { ...process.env, OPENCLAW_OPENROUTER_HOME: join(folder, "homes") };
    return execFileSync("bash", args, { env, encoding: "utf8" }).trim().split("\n");
  }

  test("bash offers verbs, a verb's options, and what an option takes", () => {
    mkdirSync(join(folder, "homes", "staging"), { recursive: true });
    expect(offered("dr")).toEqual(["drift"]);
    expect(offered("drift", "--fi")).toEqual(["--fix"]);
    expect(offered("drift", "--key", "")).toEqual(["stored", "deployed"]);
    expect(offered("drift", "-i", "")).toEqual(["staging"]);
    expect(offered("kit", "--arch", "a")).toEqual(["amd64", "arm64"]);
    expect(offered("completion", "z")).toEqual(["zsh"]);
    expect(offered("help", "ro")).toEqual(["rotate"]);
    expect(offered("bootstr")).toEqual([""]);
  });

  for (const shell of ["zsh", "fish"] as const) {
    (findProgram(shell) ? test : test.skip)(`${shell} reads its script`, () => {
      execFileSync(shell, ["-n", file(shell)], { stdio: "pipe" });
    });
  }

  test.each(["zsh", "fish"] as const)("%s is told every verb and every option", (shell) => {
    const script = completionScript(program, shell);
    for (const [name, verb] of verbs) {
      expect(script).toContain(name);
      for (const { long = "" } of visibleOptions(verb)) expect(script).toContain(long.slice(2));
    }
  });
});
