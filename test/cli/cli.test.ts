import { rmdirSync } from "node:fs";
import { getDefaultAutoSelectFamilyAttemptTimeout } from "node:net";
import { main } from "../../lib/cli/cli";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";

let isInteractive: boolean;
const run = jest.fn();
const reported = jest.fn();
jest.mock("../../lib/cli/input/prompts", () => ({ isInteractive: () => isInteractive }));
jest.mock("../../lib/cli/lost-terminal", () => ({ endWithLostTerminal: () => {} }));
jest.mock("../../lib/cli/program", () => ({ buildProgram: () => ({ parseAsync: run }) }));
jest.mock("../../lib/host/trusted-files", () => ({
  untrustedProgram: () => new Error("exchangeable"),
}));
jest.mock("../../lib/cli/output", () => ({
  endJson: () => {},
  guardOutput: () => {},
  oweJson: () => {},
  reportError: (error: Error) => reported(error.message),
  say: () => {},
}));

const before = { ...process.env };
beforeEach(() => {
  jest.clearAllMocks();
  process.env.OPENCLAW_OPENROUTER_HOME = scratchFolder();
  for (const name of ["OPENROUTER_API_KEY", "TF_VAR_openrouter_api_key", "OPENCLAW_OPENROUTER_INSTANCE"])
    delete process.env[name];
});
afterEach(() => {
  process.env = { ...before };
  process.exitCode = undefined;
});

describe("a program that another user can exchange is run by root", () => {
  test.each<[string, boolean, string[], NodeJS.ProcessEnv, boolean]>([
    ["to try it where nobody can be asked for a key", false, ["up"], {}, true],
    ["not where a person is asked for one", true, ["up"], {}, false],
    ["not with a key", false, ["up"], { OPENROUTER_API_KEY: "sk-or-v1-x" }, false],
    ["not with a key for Terraform", false, ["up"], { TF_VAR_openrouter_api_key: "sk-or-v1-x" }, false],
    ["not with a key's file", false, ["up", "--key-file", "key"], {}, false],
    ["for the sandbox by its name", true, ["up", "--instance", "sandbox"], {}, true],
    ["for the sandbox by its name after =", true, ["up", "--instance=sandbox"], {}, true],
    ["for the sandbox by the short option", true, ["up", "-i", "sandbox"], {}, true],
    ["for the sandbox in one word with it", true, ["up", "-isandbox"], {}, true],
    ["for the sandbox by the variable", true, ["up"], { OPENCLAW_OPENROUTER_INSTANCE: "sandbox" }, true],
    ["not for another by its name", false, ["up", "--instance", "prod"], {}, false],
    ["not for another by the short option", false, ["up", "-i", "prod"], {}, false],
    ["not for another in one word with it", false, ["up", "-iprod"], {}, false],
    ["not for another after other short options", false, ["up", "-yi", "prod"], {}, false],
    ["not for the last of two names", false, ["up", "--instance", "sandbox", "--instance=prod"], {}, false],
    ["to try it with a file whose path has an i", false, ["up", "-s./prod.json"], {}, true],
    ["not for another by the variable", false, ["up"], { OPENCLAW_OPENROUTER_INSTANCE: "prod" }, false],
  ])("%s", async (_, interactive, args, environment, isRun) => {
    isInteractive = interactive;
    Object.assign(process.env, environment);
    await main(["node", "program", ...args]);
    expect(run).toHaveBeenCalledTimes(isRun ? 1 : 0);
    expect(reported.mock.calls).toEqual(isRun ? [] : [["exchangeable"]]);
  });

  test.each<[string, string[], boolean]>([
    ["for the sandbox", ["check"], true],
    ["not for a backup, which may be of another", ["restore", "--from", "b.tar"], false],
    ["not for a drill with one", ["backup", "verify", "b.tar"], false],
    ["not for an invitation, which is for another", ["host", "join", "--invitation-file", "i"], false],
    ["for a backup onto the sandbox by its name", ["restore", "--from", "b.tar", "-i", "sandbox"], true],
  ])("%s, where only the sandbox is deployed and nobody can be asked", async (_, args, isRun) => {
    beginInstance(`${process.env.OPENCLAW_OPENROUTER_HOME}/sandbox`);
    isInteractive = false;
    await main(["node", "program", ...args]);
    expect(run).toHaveBeenCalledTimes(isRun ? 1 : 0);
    expect(reported.mock.calls).toEqual(isRun ? [] : [["exchangeable"]]);
  });
});

test("in a folder that was deleted nothing runs, and it is no defect", async () => {
  const folder = process.cwd();
  const gone = scratchFolder();
  process.chdir(gone);
  rmdirSync(gone);
  await main(["node", "program", "check", "--instance", "sandbox"]).finally(() => process.chdir(folder));
  expect(run).not.toHaveBeenCalled();
  expect(reported).toHaveBeenCalledWith(
    expect.stringContaining("The folder in which this runs was deleted."),
  );
});

test("a temporary folder that is gone, as that of a user who is not logged in, is used by nothing that is run", async () => {
  process.env.TMPDIR = "/nonexistent/user/1000";
  run.mockImplementationOnce(() => expect(process.env.TMPDIR).toBeUndefined());
  isInteractive = false;
  await main(["node", "program", "up"]);
  expect(run).toHaveBeenCalledTimes(1);
  expect(reported).not.toHaveBeenCalled();
});

test("an empty HOME is none, so that the instance directories are the account's, and not in the current folder", async () => {
  process.env.HOME = "";
  run.mockImplementationOnce(() => expect(process.env.HOME).toBeUndefined());
  isInteractive = false;
  await main(["node", "program", "up"]);
  expect(run).toHaveBeenCalledTimes(1);
  expect(reported).not.toHaveBeenCalled();
});

test("a server is given more time to connect than Node does", async () => {
  await main(["node", "program", "up"]);
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBeGreaterThan(1000);
});
