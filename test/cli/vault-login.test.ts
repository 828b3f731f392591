import { Command } from "commander";
import { register as vaultLogin } from "../../lib/cli/commands/vault-login";
import { instanceHome } from "../../lib/store/home";
import { beginInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { capturePrinted } from "../support/printed";

const login = jest.fn();
jest.mock("../../lib/operations/login", () => ({ login }));
const prepare = jest.fn();
jest.mock("../../lib/session/context", () => ({ prepare }));

const before = { ...process.env };

beforeEach(() => {
  process.env.OPENCLAW_OPENROUTER_HOME = scratchFolder();
  beginInstance(instanceHome("default"));
  capturePrinted();
});
afterEach(() => {
  jest.restoreAllMocks();
  process.env = { ...before };
  process.exitCode = undefined;
});

test.each(["0", "0m"])(
  "a token without a lifetime is refused, --ttl %s: Vault would give it a month",
  async (ttl) => {
    const program = new Command("program").exitOverride();
    vaultLogin(program);
    const run = program.parseAsync(["login", "--ttl", ttl, "--instance", "default"], { from: "user" });
    await expect(run).rejects.toMatchObject({ exitCode: 64 });
    expect(prepare).not.toHaveBeenCalled();
    expect(login).not.toHaveBeenCalled();
  },
);
