import { type ChildProcess, spawn } from "node:child_process";
import {
  changingCommand,
  refuseWeakenedVault,
  refuseWorkspace,
} from "../../../lib/operations/deploy/cdktf-environment";

let child: ChildProcess | undefined;
afterEach(() => child?.kill("SIGKILL"));

/** A process with these arguments, which does nothing. */
async function processWith(...args: string[]): Promise<number> {
  child = spawn(process.execPath, ["-e", "console.log(); setInterval(() => {}, 1000)", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child?.stdout?.once("data", resolve));
  return child.pid ?? 0;
}

test.each<[string[], string | undefined]>([
  [["/project/node_modules/.bin/cdktf", "deploy", "*", "--auto-approve"], "deploy"],
  [["cdktf", "--log-level", "INFO", "apply", "vault"], "deploy"],
  [["/usr/lib/node_modules/cdktn-cli/bundle/bin/cdktn", "destroy", "*"], "destroy"],
  [["/x/cdktf.js", "watch", "vault"], "deploy"],
  [["/x/cdktf", "synth"], undefined],
  [["/x/cdktf", "diff", "vault"], undefined],
  [["/x/cdktf-cli-0.21.0/other", "deploy"], undefined],
])("%j changes by %s", async (args, command) => {
  expect(changingCommand(await processWith(...args))).toBe(command);
});

test.each([
  "VAULT_SKIP_VERIFY",
  "VAULT_AGENT_ADDR",
  "VAULT_PROXY_ADDR",
  "VAULT_HTTP_PROXY",
  "TERRAFORM_VAULT_LOG_BODY",
  "TERRAFORM_VAULT_LOG_REQUEST_BODY",
])("a bare cdktf deploy refuses %s, by which the provider sends or logs secrets", (name) => {
  expect(() => refuseWeakenedVault({ [name]: "1", PATH: "/usr/bin" })).toThrow(`unset ${name}\n`);
});

test("it refuses none of what a person exports to use Vault", () => {
  const usual = { VAULT_ADDR: "https://127.0.0.1:8200", VAULT_CACERT: "/ca.pem", VAULT_TOKEN: "t" };
  expect(() => refuseWeakenedVault({ ...usual, VAULT_SKIP_VERIFY: "" })).not.toThrow();
});

test("it refuses a workspace, whose states no other command would find", () => {
  expect(() => refuseWorkspace({ TF_WORKSPACE: "prod" })).toThrow(
    /TF_WORKSPACE prod[\s\S]*unset TF_WORKSPACE[\s\S]*OPENCLAW_OPENROUTER_INSTANCE/,
  );
  for (const none of [{}, { TF_WORKSPACE: "" }, { TF_WORKSPACE: "default" }])
    expect(() => refuseWorkspace(none)).not.toThrow();
});
