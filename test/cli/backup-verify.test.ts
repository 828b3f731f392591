import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { register as backupVerify } from "../../lib/cli/commands/backup-verify";
import { homePaths } from "../../lib/model/home-paths";
import { instanceHome } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted } from "../support/printed";

const prepare = jest.fn();
jest.mock("../../lib/session/context", () => ({ prepare }));

const before = { ...process.env };
let folder: string;

beforeEach(() => {
  folder = scratchFolder();
  process.env.OPENCLAW_OPENROUTER_HOME = join(folder, "homes");
  delete process.env.OPENCLAW_OPENROUTER_INSTANCE;
  beginInstance(instanceHome("default"));
  capturePrinted();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
});

test.each([
  ["missing", undefined],
  ["no backup", "text"],
])("a file that is %s is refused before the host is prepared", async (_, content) => {
  const file = join(folder, "b.tar");
  if (content !== undefined) writeFileSync(file, content);
  const program = new Command("program").exitOverride();
  backupVerify(program);
  await expect(program.parseAsync(["verify", file], { from: "user" })).rejects.toThrow(file);
  expect(prepare).not.toHaveBeenCalled();
  expect(existsSync(homePaths(instanceHome("default")).journal)).toBe(false);
});
