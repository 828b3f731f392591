import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command } from "commander";
import { defineCommand, type Register } from "../../lib/cli/define-command";
import { encryptionOptions } from "../../lib/cli/input/encryption-input";
import { checkOptions } from "../../lib/cli/options/check-options";
import { driftReportOptions } from "../../lib/cli/options/drift-options";
import { argumentsOf, instanceOptions, type OptionGroup, yesOption } from "../../lib/cli/options/options";
import { UserError } from "../../lib/core/errors";
import { ExitCode } from "../../lib/core/exit-codes";
import { homePaths } from "../../lib/model/home-paths";
import { instanceHome } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted, type Printed } from "../support/printed";

const before = { ...process.env };
let printed: Printed;

beforeEach(() => {
  process.env.OPENCLAW_OPENROUTER_HOME = join(scratchFolder(), "homes");
  delete process.env.OPENCLAW_OPENROUTER_INSTANCE;
  delete process.env.OPENROUTER_API_KEY;
  printed = capturePrinted();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
});

/** Runs a defined command. @returns its exit code */
async function run(register: Register, ...args: string[]) {
  const program = new Command("program").exitOverride();
  register(program);
  await program.parseAsync(["try", ...args], { from: "user" });
  return process.exitCode;
}

const base = { name: "try", summary: "tries", options: [instanceOptions] } as const;

describe("a command that needs no instance", () => {
  const plain = defineCommand({ ...base, run: () => ({ json: { a: 1 }, text: "done" }) });

  test("prints its text, and exits with success", async () => {
    expect(await run(plain)).toBe(ExitCode.Ok);
    expect(printed).toEqual({ out: "", err: "done\n" });
  });

  test("prints its JSON with a version if --json is given, and the text too", async () => {
    expect(await run(plain, "--json")).toBe(ExitCode.Ok);
    expect(JSON.parse(printed.out)).toEqual({ version: 1, a: 1 });
    expect(printed.err).toBe("done\n");
  });

  test("prints a view of its JSON without --json only", async () => {
    const viewed = defineCommand({ ...base, run: () => ({ json: { a: 1 }, view: "a is 1" }) });
    await run(viewed);
    expect(printed).toEqual({ out: "", err: "a is 1\n" });
    printed = capturePrinted();
    await run(viewed, "--json");
    expect(printed.err).toBe("");
  });

  test("exits with the code of its outcome, or with the code alone", async () => {
    expect(await run(defineCommand({ ...base, run: () => ({ code: ExitCode.Drift }) }))).toBe(ExitCode.Drift);
    expect(await run(defineCommand({ ...base, run: () => ExitCode.NotApplied }))).toBe(ExitCode.NotApplied);
  });
});

test("a command that needs a name gets it for an undeployed instance, also in its JSON", async () => {
  const named = defineCommand({
    ...base,
    needs: "name",
    run: ({ instance }) => ({ json: { got: instance } }),
  });
  expect(await run(named, "--json", "--instance", "paris")).toBe(ExitCode.Ok);
  expect(JSON.parse(printed.out)).toEqual({ version: 1, instance: "paris", got: "paris" });
});

test("a command that needs settings gets an undeployed instance as they describe it", async () => {
  const settings = defineCommand({
    ...base,
    needs: "settings",
    run: ({ deployment }) => ({ text: deployment.container }),
  });
  expect(await run(settings, "--instance", "paris")).toBe(ExitCode.Ok);
  expect(printed.err).toBe("vault-paris\n");
});

test("a key in the environment is never for the sandbox, also if only the sandbox is deployed", async () => {
  beginInstance(instanceHome("sandbox"));
  const settings = defineCommand({ ...base, needs: "settings", run: ({ instance }) => ({ text: instance }) });
  await run(settings);
  process.env.TF_VAR_openrouter_api_key = "sk-or-v1-0123456789abcdef0";
  await run(settings);
  expect(printed.err).toBe("sandbox\ndefault\n");
});

describe("a command that needs a deployed instance", () => {
  const steps: string[] = [];
  const deployed = defineCommand({
    ...base,
    options: [instanceOptions, yesOption],
    needs: "deployed",
    check: () => steps.push("check"),
    input: async () => {
      steps.push("input");
      return "given";
    },
    question: () => "Really?",
    run: ({ deployment, input }) => {
      steps.push(`run ${deployment.instance} ${input}`);
      return ExitCode.Ok;
    },
  });
  beforeEach(() => {
    steps.length = 0;
  });

  test("checks its options first, then requires the instance", async () => {
    await expect(run(deployed, "--instance", "paris")).rejects.toMatchObject({
      exitCode: ExitCode.NotDeployed,
    });
    expect(steps).toEqual(["check"]);
  });

  test("asks before it runs; without a person it needs --yes", async () => {
    beginInstance(instanceHome("paris"));
    await expect(run(deployed, "--instance", "paris")).rejects.toMatchObject({
      exitCode: ExitCode.WrongUsage,
    });
    expect(steps).toEqual(["check", "input"]);
    expect(await run(deployed, "--instance", "paris", "--yes")).toBe(ExitCode.Ok);
    expect(steps.slice(2)).toEqual(["check", "input", "run paris given"]);
  });
});

test.each([
  ["paris", "vault unseal --instance paris"],
  ["default", "vault unseal"],
])("texts and errors of the instance %s name commands for it", async (instance, expected) => {
  beginInstance(instanceHome(instance));
  const command = "openclaw-openrouter vault unseal";
  const failing = async () => {
    throw new UserError({ problem: "It is sealed.", fix: command });
  };
  await run(defineCommand({ ...base, needs: "deployed", run: () => ({ text: command }) }), "-i", instance);
  await run(defineCommand({ ...base, needs: "lock", run: failing }), "-i", instance);
  const lines = printed.err.split("\n").filter((line) => line.includes("vault unseal"));
  expect(lines.map((line) => line.slice(line.indexOf("vault unseal")))).toEqual([expected, expected]);
});

test("that an instance is not deployed names the command for it", async () => {
  const deployed = defineCommand({ ...base, needs: "deployed", run: () => ExitCode.Ok });
  await expect(run(deployed, "--instance", "paris")).rejects.toThrow(
    "openclaw-openrouter up --instance paris",
  );
});

describe("a command that changes an instance", () => {
  beforeEach(() => beginInstance(instanceHome("paris")));

  test("holds the lock and ends with a line in the journal", async () => {
    const home = homePaths(instanceHome("paris"));
    const changing = defineCommand({
      ...base,
      needs: "lock",
      run: ({ preparing }) => ({
        json: { locked: existsSync(home.lock), replaces: preparing.replacesData },
        code: ExitCode.Failed,
      }),
    });
    expect(await run(changing, "--instance", "paris", "--json")).toBe(ExitCode.Failed);
    expect(JSON.parse(printed.out)).toEqual({
      version: 1,
      instance: "paris",
      locked: true,
      replaces: false,
    });
    expect(existsSync(home.lock)).toBe(false);
    expect(JSON.parse(readFileSync(home.journal, "utf8"))).toMatchObject({
      command: "try",
      result: "Failed",
    });
  });

  test("prints its own error, releases the lock, and refuses an external Vault if it needs its own", async () => {
    const home = homePaths(instanceHome("paris"));
    const own = defineCommand({
      ...base,
      needs: "lock",
      ownVault: ["To try", "Its owner tries."],
      run: () => ({ text: "ran" }),
    });
    expect(await run(own, "--instance", "paris")).toBe(ExitCode.Ok);
    expect(printed.err).toContain("ran");
    writeFileSync(
      join(home.root, "openrouter.settings.json"),
      '{ "vault": { "address": "https://vault.example" } }',
    );
    printed.err = "";
    expect(await run(own, "--instance", "paris")).not.toBe(ExitCode.Ok);
    expect(printed.err).not.toContain("ran");
    expect(printed.err).toContain("Its owner tries.");
    expect(existsSync(home.lock)).toBe(false);
  });
});

describe("the arguments of a scheduled command", () => {
  const given = (group: OptionGroup<object>, ...args: string[]) => {
    const command = group(instanceOptions(new Command("x").exitOverride()));
    command.addArgument(new Argument("[rest...]"));
    command.parse(args, { from: "user" });
    return argumentsOf(command, command.opts());
  };

  test("are the defaults without options, whatever the instance", () => {
    expect(given(checkOptions, "--instance", "paris", "--json")).toEqual(["--gateway", "auto"]);
    expect(given(driftReportOptions)).toEqual(["--gateway", "auto"]);
  });

  test("have absolute paths, joined ids, numbers and negations", () => {
    expect(
      given(
        checkOptions,
        "--junit",
        "a.xml",
        "--only",
        "key.valid,docker.exec",
        "--timeout",
        "5",
        "--no-spend",
        "--strict",
      ),
    ).toEqual([
      "--junit",
      join(process.cwd(), "a.xml"),
      "--only",
      "key.valid,docker.exec",
      "--no-spend",
      "--gateway",
      "auto",
      "--strict",
      "--timeout",
      "5",
    ]);
    expect(given(driftReportOptions, "--no-network", "-s", "s.json")).toEqual([
      "--settings",
      join(process.cwd(), "s.json"),
      "--no-network",
      "--gateway",
      "auto",
    ]);
  });

  test("repeat a repeated option, and keep a folder's slash", () => {
    const withOut: OptionGroup<object> = (command) => encryptionOptions(command).option("-o, --out <path>");
    expect(given(withOut, "--pgp-key", "a.asc", "--pgp-key", "/b.asc", "--out", "backups/")).toEqual([
      "--pgp-key",
      join(process.cwd(), "a.asc"),
      "--pgp-key",
      "/b.asc",
      "--out",
      `${join(process.cwd(), "backups")}/`,
    ]);
  });
});
