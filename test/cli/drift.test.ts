import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { register as drift } from "../../lib/cli/commands/drift";
import { ExitCode } from "../../lib/core/exit-codes";
import { instanceHome } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted } from "../support/printed";

const before = { ...process.env };
let folder: string;

beforeEach(() => {
  folder = scratchFolder();
  process.env.OPENCLAW_OPENROUTER_HOME = join(folder, "homes");
  mkdirSync(join(folder, "homes"), { mode: 0o700 });
  capturePrinted();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
});

async function driftAll(...args: string[]): Promise<void> {
  const program = new Command("program").exitOverride();
  drift(program);
  await program.parseAsync(["drift", "--all", ...args], { from: "user" });
}

test("--all without an instance, as by the wrong user, is no success", async () => {
  await expect(driftAll()).rejects.toMatchObject({ exitCode: ExitCode.NotDeployed });
});

test("--all writes an instance that could not be inspected into its reports", async () => {
  const home = instanceHome("lab");
  beginInstance(home);
  writeFileSync(join(home, "openrouter.settings.json"), '{ "vault": { "prot": 1 } }');
  const [junit, markdown] = [join(folder, "drift.xml"), join(folder, "drift.md")];
  await driftAll("--junit", junit, "--markdown", markdown);
  expect(process.exitCode).toBe(ExitCode.WrongUsage);
  expect(readFileSync(junit, "utf8")).toMatch(/failures="1"[\s\S]*classname="lab"[\s\S]*vault\.prot/);
  expect(readFileSync(markdown, "utf8")).toContain("Drift of the instance lab: could not be determined");
});
