import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { register as backupList } from "../../lib/cli/commands/backup-list";
import { homePaths } from "../../lib/model/home-paths";
import { describeLastCheck } from "../../lib/operations/status";
import { instanceHome } from "../../lib/store/home";
import { writeBackups } from "../../lib/store/records/backup-record";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted, type Printed } from "../support/printed";

const before = { ...process.env };
let folder: string;
let printed: Printed;

beforeEach(() => {
  folder = scratchFolder();
  process.env.OPENCLAW_OPENROUTER_HOME = join(folder, "homes");
  delete process.env.OPENCLAW_OPENROUTER_INSTANCE;
  beginInstance(instanceHome("default"));
  printed = capturePrinted();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
});

async function listBackups(...args: string[]): Promise<void> {
  const program = new Command("program").exitOverride();
  backupList(program);
  await program.parseAsync(["list", ...args], { from: "user" });
}

test("backups are a table with times as everywhere, or JSON alone", async () => {
  const home = homePaths(instanceHome("default"));
  const [here, gone] = [join(folder, "here.tar"), join(folder, "gone.tar")];
  writeFileSync(here, "");
  const made = {
    created: "2026-11-25T10:59:39.129Z",
    sha256: "0".repeat(64),
    clusterId: "c",
    seal: "shamir",
  };
  writeBackups(home, [
    { ...made, file: gone },
    { ...made, file: here, generation: 2 },
  ]);
  await listBackups();
  expect(printed.err.split("\n")).toEqual([
    `2026-11-25 10:59 UTC                          ${gone} (missing)`,
    `2026-11-25 10:59 UTC  shares of generation 2  ${here}`,
    "",
  ]);
  printed.err = "";
  await listBackups("--json");
  expect(JSON.parse(printed.out).backups).toHaveLength(2);
  expect(printed.err).toBe("");
});

test("the last check has the same words in every command", () => {
  expect(describeLastCheck({ at: "2026-11-25T10:59:39.129Z", outcome: "warn" })).toBe(
    "passed with warnings, 2026-11-25 10:59 UTC",
  );
  expect(describeLastCheck(undefined)).toBe("none");
});
