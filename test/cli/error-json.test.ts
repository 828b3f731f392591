import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../lib/cli/cli";
import { commandsOf, pathOf } from "../../lib/cli/command";
import { isGroup, visibleOptions } from "../../lib/cli/help";
import { endJson, oweJson, printJson, reportError, speakOf } from "../../lib/cli/output";
import { buildProgram } from "../../lib/cli/program";
import { UserError } from "../../lib/core/errors";
import { ExitCode } from "../../lib/core/exit-codes";
import { type ErrorReport, errorReport } from "../../lib/report/error-report";
import { reportSchemaFiles } from "../../lib/report/json-schemas";
import { instanceHome } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted, type Printed } from "../support/printed";

jest.mock("../../lib/host/trusted-files", () => ({
  ...jest.requireActual<object>("../../lib/host/trusted-files"),
  untrustedProgram: () => undefined,
}));

// Both listen on the process or its streams, once for each run.
jest.mock("../../lib/cli/lost-terminal", () => ({ endWithLostTerminal: () => {} }));
jest.mock("../../lib/cli/output", () => ({
  ...jest.requireActual<object>("../../lib/cli/output"),
  guardOutput: () => {},
}));

const before = { ...process.env };
let printed: Printed;

beforeEach(() => {
  process.env.OPENCLAW_OPENROUTER_HOME = join(scratchFolder(), "homes");
  for (const name of ["OPENROUTER_API_KEY", "TF_VAR_openrouter_api_key", "OPENCLAW_OPENROUTER_INSTANCE"])
    delete process.env[name];
  speakOf("default");
  oweJson(true);
  printed = capturePrinted();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
  oweJson(false);
});

/** The one error on standard output, by its schema. */
function error(): ErrorReport["error"] {
  return errorReport.parse(JSON.parse(printed.out)).error;
}

async function run(...args: string[]) {
  await main(["node", "program", ...args]);
  return process.exitCode;
}

const withJson = commandsOf(buildProgram())
  .filter((command) => !isGroup(command) && visibleOptions(command).some(({ long }) => long === "--json"))
  .map(pathOf);

test.each(withJson)("%s --json ends with an error as JSON if it is used wrongly", async (path) => {
  expect(await run(...path.split(" "), "--json", "--no-such-option")).toBe(ExitCode.WrongUsage);
  expect(error()).toMatchObject({ kind: "wrong-usage", exitCode: 64, problem: expect.stringMatching(/\S/) });
  expect(printed.err).toContain("no-such-option");
});

test("an instance that is not deployed is an error with what was got and the fix, by the program's name", async () => {
  expect(await run("check", "--json", "--instance", "paris")).toBe(ExitCode.NotDeployed);
  expect(error()).toEqual({
    kind: "not-deployed",
    exitCode: 4,
    problem: "The instance paris is not deployed on this host.",
    got: expect.stringContaining("instance.json"),
    fix: "openclaw-openrouter up --instance paris",
  });
});

test("a wrong settings file ends with an error as JSON; without --json nothing is on standard output", async () => {
  const home = instanceHome("paris");
  beginInstance(home);
  writeFileSync(join(home, "openrouter.settings.json"), '{ "vault": { "port": "x" } }');
  expect(await run("status", "-i", "paris", "--json")).toBe(ExitCode.WrongUsage);
  expect(error().problem).toContain("vault.port");
  printed.out = "";
  expect(await run("status", "-i", "paris")).toBe(ExitCode.WrongUsage);
  expect(printed.out).toBe("");
});

test("an unknown command ends with an error as JSON, on one line", async () => {
  expect(await run("chekc", "--json")).toBe(ExitCode.WrongUsage);
  expect(error().problem).toBe("there is no command `chekc` Did you mean: openclaw-openrouter check");
});

test("after a result there is no second object", () => {
  printJson({ outcome: "fail" });
  reportError(new UserError({ problem: "The report cannot be written." }));
  endJson(ExitCode.Failed);
  expect(JSON.parse(printed.out)).toEqual({ outcome: "fail" });
});

test.each([
  [ExitCode.Interrupted, "interrupted"],
  [ExitCode.Failed, "failed"],
])("a run that a person ended with %i ends with an error as JSON", (code, kind) => {
  endJson(code);
  expect(error()).toMatchObject({ kind, exitCode: code });
});

test("a defect of the program is reported as one, without its stack and without characters that a terminal obeys", () => {
  expect(reportError(new TypeError("no \u001b[2J such thing"))).toBe(ExitCode.Failed);
  expect(printed.out).not.toContain("\u001b");
  expect(error()).toMatchObject({ kind: "defect", exitCode: 1, problem: "no \u001b[2J such thing" });
});

test("the committed schema is the one of the report", () => {
  // Stale? Run `npm run generate`.
  const file = "docs/error-report.schema.json";
  expect(readFileSync(join(__dirname, "../..", file), "utf8")).toBe(reportSchemaFiles()[file]);
});
