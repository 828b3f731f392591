import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandsOf, findCommand, pathOf } from "../../lib/cli/command";
import { completionScript } from "../../lib/cli/completion-script";
import { helpOf, isGroup, visibleOptions } from "../../lib/cli/help";
import { readKeys } from "../../lib/cli/options/shares-options";
import { buildProgram } from "../../lib/cli/program";
import { findProgram } from "../../lib/core/system/find-program";
import { commandPages, commandsFolder } from "../../scripts/command-pages";
import { commandsIn } from "../support/commands-in-text";
import { scratchFolder } from "../support/folder";
import { testUnless } from "../support/skip";

const program = buildProgram();
const commands = commandsOf(program).map((command) => [pathOf(command), command] as const);
const groups = commands.filter(([, command]) => isGroup(command));

/** What a run prints, for people and for programs, and its exit code. */
async function printed(...args: string[]): Promise<{ text: string; code: number }> {
  let text = "";
  const fresh = buildProgram();
  for (const each of [fresh, ...commandsOf(fresh)])
    each.configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) });
  const code = await fresh.parseAsync(args, { from: "user" }).then(
    () => 0,
    (error: { exitCode: number }) => error.exitCode,
  );
  return { text, code };
}

test("the commands are these", () => {
  expect(commands.map(([path]) => path).sort()).toEqual(
    `alerts, alerts add, alerts heartbeat, alerts list, alerts remove, alerts test, backup, backup create, backup list, backup verify, bundle, check, completion, deploy, destroy, doctor, drift, help, host, host evict, host invite, host join, host list, host rotate, key,
    key limit, key rotate, rebuild, restore, sandbox, schedule, schedule add, schedule add backup, schedule add check,
    schedule add drift, schedule add unseal, schedule list, schedule remove, shares, shares export, shares rekey,
    shares remove, shares status, state, state adopt, state move, status, synth, up, vault, vault login, vault migrate-seal,
    vault renew-identities, vault unseal, vault upgrade`
      .split(",")
      .map((path) => path.trim()),
  );
});

test("the committed pages are what the commands say; else run `npm run generate`", () => {
  const pages = commandPages(program);
  const committed = readdirSync(commandsFolder).map((name) => join(commandsFolder, name));
  expect(committed.sort()).toEqual(Object.keys(pages).sort());
  for (const path of committed) expect([path, readFileSync(path, "utf8")]).toEqual([path, pages[path]]);
});

describe.each(commands)("%s", (path, command) => {
  test("has a summary, and options with a meaning", () => {
    expect(command.description()).toMatch(/^[a-z]/);
    for (const { flags, description } of visibleOptions(command))
      expect([flags, description]).toEqual([flags, expect.stringMatching(/\S/)]);
  });

  test("has a help of no line that is wider than a terminal", () => {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 }).outputHelp();
    expect(text).toContain(path);
    if (!isGroup(command)) expect(text).toContain("Exit codes:");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("has a help that `help` and --help print alike", async () => {
    const byOption = await printed(...path.split(" "), "--help");
    expect(byOption).toEqual({ text: expect.stringContaining(`openclaw-openrouter ${path}`), code: 0 });
    expect(await printed("help", ...path.split(" "))).toEqual(byOption);
  });
});

test("a command's own options come before those that many commands have", () => {
  const headings = (path: string) => {
    let text = "";
    const command = findCommand(program, path.split(" "))!;
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    return text.match(/^[A-Z][\w ]+:$/gm)?.filter((heading) => !/^(Examples|Exit codes):/.test(heading));
  };
  expect(headings("drift")).toEqual(["Options:", "Many hosts:", "Common options:"]);
  expect(headings("host evict")).toEqual(["Arguments:", "Options:", "External Vault:", "Common options:"]);
  expect(headings("alerts list")).toEqual(["Common options:"]);
});

test("`help environment` tells what each variable means that a help names", async () => {
  const { text, code } = await printed("help", "environment");
  const named = commands.flatMap(([, command]) => helpOf(command).environment);
  for (const [name] of named) expect(text).toContain(`\n  ${name}\n      `);
  expect(text).toContain("NO_COLOR");
  expect(code).toBe(0);
});

const leaves = commands.filter(([, command]) => !isGroup(command));

test.each(leaves)("%s has exit codes, and examples that parse", (path, command) => {
  const { examples, exitCodes } = helpOf(command);
  expect(exitCodes.map(([code]) => code)).toEqual(expect.arrayContaining([0, 1, 64]));
  expect(examples.length).toBeGreaterThan(0);
  for (const [line] of examples) {
    const found = commandsIn(String(line), program);
    expect([line, found.map((each) => each.path)]).toEqual([
      line,
      [expect.stringMatching(new RegExp(`^${path}\\b`))],
    ]);
    expect([line, found.flatMap((each) => each.problems)]).toEqual([line, []]);
    expect([line, parses(String(line))]).toEqual([line, true]);
  }
});

test("only what an interrupted command can leave undone is resumed", () => {
  const interrupted = (...path: string[]) => helpOf(findCommand(program, path)!).exitCodes.at(-1);
  expect(interrupted("key", "rotate")).toEqual([130, "interrupted; the next run resumes"]);
  expect(interrupted("alerts", "list")).toEqual([130, "interrupted"]);
});

test.each([
  ["vault login", "TERRAFORM_BINARY_NAME"],
  ["vault migrate-seal", "DOCKER_HOST, DOCKER_CONTEXT"],
  ["shares rekey", "TF_CLI_CONFIG_FILE"],
  ["destroy", "TERRAFORM_BINARY_NAME"],
  ["host invite", "DOCKER_HOST, DOCKER_CONTEXT"],
  ["host join", "HTTPS_PROXY, NO_PROXY"],
  ["alerts test", "HTTPS_PROXY, NO_PROXY"],
  ["state adopt", "OPENROUTER_API_KEY"],
  ["drift", "OPENROUTER_API_KEY"],
])("%s has %s in its help, which it reads", (path, variable) => {
  const { environment } = helpOf(findCommand(program, path.split(" "))!);
  expect(environment.map(([name]) => name)).toContain(variable);
});

test("a command that uses neither engine nor network has no variables of them in its help", () => {
  const { environment } = helpOf(findCommand(program, ["shares", "export"])!);
  expect(environment.map(([name]) => name)).toEqual([
    "OPENCLAW_OPENROUTER_INSTANCE",
    "OPENCLAW_OPENROUTER_HOME",
  ]);
});

/** Whether commander takes a line: its action is not run. */
function parses(line: string): boolean {
  const words = /openclaw-openrouter ([^)|]*)/.exec(line)![1]!.trim();
  const args = [...words.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const fresh = buildProgram();
  let ran = false;
  for (const each of [fresh, ...commandsOf(fresh)]) {
    each.configureOutput({ writeOut: () => {}, writeErr: () => {} });
    if (!isGroup(each) && each !== fresh)
      each.action(() => {
        ran = true;
      });
  }
  try {
    fresh.parse(args, { from: "user" });
  } catch {
    return false;
  }
  return ran;
}

test.each(groups)("%s alone prints its help", async (path) => {
  const { text } = await printed(path);
  expect(text).toContain(`Usage: openclaw-openrouter ${path} <command>`);
  for (const each of findCommand(program, [path])!.commands) expect(text).toContain(each.name());
});

describe("a command that there is not", () => {
  test.each([
    [["rotate"], "key rotate"],
    [["unseal"], "vault unseal"],
    [["chekc"], "check"],
    [["Status"], "status"],
    [["shares", "exprot"], "shares export"],
    [["schedule", "add", "chek"], "schedule add check"],
    [["backup", "make"], undefined],
    [["help", "key", "rotat"], "key rotate"],
    [["help", "upp"], "up"],
    [["xyzzy"], undefined],
  ])("%j names the nearest one", async (args, near) => {
    const { text, code } = await printed(...args);
    expect(code).toBe(1);
    expect(text).toContain("there is no command `");
    if (near) expect(text).toContain(`Did you mean: openclaw-openrouter ${near}\n`);
    else expect(text).not.toContain("Did you mean");
  });
});

test.each([
  [["status", "--all", "--instance", "paris"]],
  [["status", "--all", "--prometheus", "f"]],
  [["status", "--models", "--prometheus", "f"]],
  [["restore", "--undo", "--yes", "--from", "b.tar"]],
  [["up", "--key-file", "f", "--key-stdin"]],
  [["key", "rotate", "--key-file", "f", "--key-stdin"]],
  [["host", "invite", "web1", "--any-address", "--admin-token-file", "f", "--admin-token-stdin"]],
])("%j is wrong usage: one of both would be left out", async (args) => {
  expect((await printed(...args)).text).toContain("cannot be used with option");
});

test("a folder for encrypted shares without a key shows no share on the terminal instead", async () => {
  await expect(readKeys({ out: "shares" })).rejects.toMatchObject({ exitCode: 64 });
  expect(await readKeys({})).toEqual([]);
});

test.each([
  [["destroy", "--purge", "--yes", "--instance", ""], "--instance is empty"],
  [["destroy", "--purge", "--yes", "--instance="], "--instance is empty"],
  [["up", "--key-file", ""], "--key-file is empty"],
  [["schedule", "add", "check", "-s", ""], "--settings is empty"],
  [["vault", "unseal", "--share-file", "a", "--share-file", ""], "--share-file is empty"],
  [["alerts", "remove", ""], "Argument 1 of alerts remove is empty"],
])("%j, as of a script whose variable is not set, is wrong usage", async (args, problem) => {
  await expect(buildProgram().parseAsync(args, { from: "user" })).rejects.toMatchObject({
    exitCode: 64,
    message: expect.stringContaining(problem),
  });
});

describe("the texts", () => {
  const places = [
    "lib",
    "scripts",
    "docs",
    "examples",
    "main.ts",
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
  ];
  const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--", ...places], {
    encoding: "utf8",
  })
    .trim()
    .split("\n");

  test("name commands and options that there are", () => {
    const problems = files.flatMap((file) =>
      commandsIn(readFileSync(file, "utf8"), program).flatMap(({ line, text, problems }) =>
        problems.map((problem) => `${file}:${line}: ${text}: ${problem}`),
      ),
    );
    expect(problems).toEqual([]);
  });

  test("that is seen: a wrong one is reported", () => {
    const problemsOf = (text: string) => commandsIn(text, program).flatMap(({ problems }) => problems);
    expect(problemsOf("run `openclaw-openrouter rotate`")).toEqual(["no command rotate"]);
    expect(problemsOf("openclaw-openrouter key rotat --key-file F")).toEqual(["no command key rotat"]);
    expect(problemsOf("openclaw-openrouter shares --export")).toEqual(["shares has no option --export"]);
    expect(problemsOf("openclaw-openrouter drift --fix --instance x")).toEqual([]);
    expect(problemsOf("openclaw-openrouter shares rekey\nmakes new ones")).toEqual([]);
    expect(problemsOf("/opt/openclaw-openrouter is a folder")).toEqual([]);
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

  test("bash offers commands, those of a group, a command's options, and what an option takes", () => {
    mkdirSync(join(folder, "homes", "staging"), { recursive: true });
    expect(offered("dr")).toEqual(["drift"]);
    expect(offered("drift", "--fi")).toEqual(["--fix"]);
    expect(offered("drift", "--key", "")).toEqual(["stored", "deployed"]);
    expect(offered("drift", "-i", "")).toEqual(["staging"]);
    expect(offered("bundle", "--arch", "a")).toEqual(["amd64", "arm64"]);
    expect(offered("completion", "z")).toEqual(["zsh"]);
    expect(offered("key", "")).toEqual(["rotate", "limit", "-h", "--help"]);
    expect(offered("key", "rotate", "--key-f")).toEqual(["--key-file"]);
    expect(offered("schedule", "add", "dr")).toEqual(["drift"]);
    expect(offered("schedule", "add", "drift", "--ig")).toEqual(["--ignore"]);
    expect(offered("schedule", "remove", "check", "un")).toEqual(["unseal"]);
    expect(offered("help", "ke")).toEqual(["key"]);
    expect(offered("help", "key", "ro")).toEqual(["rotate"]);
    expect(offered("bootstr")).toEqual([""]);
  });

  test("bash runs no command that stands in the name of a folder beside the instances", () => {
    const ran = join(folder, "ran");
    process.env.RAN = ran;
    mkdirSync(join(folder, "homes", "$(>$RAN)"), { recursive: true });
    expect(offered("drift", "-i", "")).toEqual(["staging"]);
    expect(existsSync(ran)).toBe(false);
  });

  for (const shell of ["zsh", "fish"] as const) {
    testUnless(findProgram(shell) ? undefined : `${shell} is not installed`)(
      `${shell} reads its script`,
      () => {
        execFileSync(shell, ["-n", file(shell)], { stdio: "pipe" });
      },
    );
  }

  test.each(["zsh", "fish"] as const)("%s is told every command and every option", (shell) => {
    const script = completionScript(program, shell);
    for (const [path, command] of commands) {
      expect(script).toContain(`"${path === "help" ? "help key" : path}"`);
      for (const { long = "" } of visibleOptions(command)) expect(script).toContain(long.slice(2));
    }
  });
});
