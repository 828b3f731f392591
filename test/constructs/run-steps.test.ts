import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Container } from "@cdktf/provider-docker/lib/container";
import { App, TerraformStack, TerraformVariable } from "cdktf";
import { DeployCheck } from "../../lib/constructs/deploy-check";
import { literal } from "../../lib/constructs/literal";
import { programContext, runStep } from "../../lib/constructs/run-step";
import { VaultBootstrap, type VaultBootstrapProps } from "../../lib/constructs/vault-bootstrap";
import { VaultServer, type VaultServerProps } from "../../lib/constructs/vault-server";
import { type CheckParameters, checkParametersOf, stepParameters } from "../../lib/model/run-parameters";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { type Block, plainStack, synthesize } from "../support/template";

function bootstrap(
  props: Partial<VaultBootstrapProps> = {},
  stack = plainStack(),
  given: Partial<VaultServerProps> = { tls: false },
) {
  const server = new VaultServer(stack, "server", { home: "/homes/default", instanceId: "an-id", ...given });
  new VaultBootstrap(stack, "bootstrap", { server, ...props });
  return synthesize(stack).resource("terraform_data", "bootstrap");
}

const localExec = (step: Block) => step.provisioner[0]["local-exec"];
const parametersOf = (step: Block) => JSON.parse(localExec(step).environment.OPENCLAW_OPENROUTER_PARAMETERS);

describe("the bootstrap", () => {
  test("runs for each new container", () => {
    expect(Object.values(bootstrap().triggers_replace)).toEqual([
      expect.stringMatching(/^\$\{docker_container\.server_container_\w+\.id\}$/),
    ]);
  });

  test("is told what its run-time side reads, with five shares of which three unseal", () => {
    const parameters = parametersOf(bootstrap());
    expect(parameters).toEqual({
      home: "/homes/default",
      address: "http://127.0.0.1:8200",
      container: "vault",
      listener: { home: "/homes/default", container: "vault", own: true },
      dataVolume: "vault-data",
      shares: 5,
      threshold: 3,
    });
    expect(stepParameters.bootstrap.parse(parameters)).toEqual(parameters);
  });

  test("is told the server's own names, and the CA where it serves TLS", () => {
    const given = { containerName: "team-vault", dataVolume: "team-data", port: 8300 };
    expect(parametersOf(bootstrap({}, plainStack(), given))).toMatchObject({
      address: "https://127.0.0.1:8300",
      caFile: "/homes/default/tls/ca.pem",
      container: "team-vault",
      dataVolume: "team-data",
    });
  });

  test("calls the package's own program, which the environment may name", () => {
    expect(localExec(bootstrap()).command).toBe(
      'exec "$${OPENCLAW_OPENROUTER_NODE:-node}" "$${OPENCLAW_OPENROUTER_BIN:-../../../node_modules/openclaw-openrouter/scripts/openclaw-openrouter.mjs}" bootstrap',
    );
  });

  test("does not print its command line", () => {
    expect(localExec(bootstrap()).quiet).toBe(true);
  });

  test("calls the program of a workspace, whose packages are installed above the app", () => {
    const workspace = scratchFolder();
    const scripts = join(workspace, "node_modules/openclaw-openrouter/scripts");
    mkdirSync(scripts, { recursive: true });
    writeFileSync(join(scripts, "openclaw-openrouter.mjs"), "");
    const cwd = jest.spyOn(process, "cwd").mockReturnValue(join(workspace, "apps/ours"));
    expect(localExec(bootstrap()).command).toContain(
      ":-../../../../../node_modules/openclaw-openrouter/scripts/openclaw-openrouter.mjs}",
    );
    cwd.mockRestore();
  });

  test("an app may name another path of the program", () => {
    const app = new App({ outdir: scratchFolder(), context: { [programContext]: "../../bin.mjs" } });
    const stack = new TerraformStack(app, "theirs");
    new DeployCheck(stack, "check", { deployment: describeInstance(), triggers: [] });
    expect(localExec(synthesize(stack).resource("terraform_data")).command).toContain(":-../../bin.mjs}");
  });

  test.each([
    [
      { threshold: 6 },
      "theirs/bootstrap: option 'threshold' is 6; expected 2 to 5, as Vault takes for 5 shares",
    ],
    [{ threshold: 0 }, "option 'threshold' is 0"],
    // Vault refuses these, once its container runs.
    [{ threshold: 1 }, "option 'threshold' is 1; expected 2 to 5"],
    [{ threshold: 2.5 }, "option 'threshold' is 2.5"],
    [{ shares: 256 }, "option 'shares' is 256; expected a whole number from 1 to 255"],
    [{ shares: 3.5 }, "option 'shares' is 3.5"],
    [{ shares: 1, threshold: 2 }, "option 'threshold' is 2; expected 1 to 1"],
  ])("refuses %j", (props, message) => {
    expect(() => bootstrap(props)).toThrow(message);
  });

  test("is refused a second time, and in another stack than its server", () => {
    const stack = plainStack();
    const server = new VaultServer(stack, "server", { home: "/homes/default", instanceId: "an-id" });
    new VaultBootstrap(stack, "bootstrap", { server });
    expect(() => new VaultBootstrap(stack, "again", { server })).toThrow(
      "theirs/again: the stack has theirs/bootstrap already; expected one VaultBootstrap a stack",
    );
    const other = new TerraformStack(stack.node.root, "other");
    expect(() => new VaultBootstrap(other, "bootstrap", { server })).toThrow(
      "other/bootstrap: its stack does not declare theirs/server; expected the stack of its server",
    );
  });

  test("takes one share, which unseals alone", () => {
    expect(parametersOf(bootstrap({ shares: 1, threshold: 1 }))).toMatchObject({ shares: 1, threshold: 1 });
  });
});

test("what Terraform knows later reaches the bootstrap", () => {
  const stack = plainStack();
  const variable = (name: string, type = "string") => new TerraformVariable(stack, name, { type });
  const props = {
    shares: variable("shares", "number").numberValue,
    threshold: variable("threshold", "number").numberValue,
  };
  const home = variable("home").stringValue;
  const text = localExec(bootstrap(props, stack, { home })).environment.OPENCLAW_OPENROUTER_PARAMETERS;
  expect(text).toContain('"home":"${var.home}"');
  expect(text).toContain('"shares":${var.shares},"threshold":${var.threshold}');
});

test("a threshold is not held against a number of shares that Terraform knows later", () => {
  const stack = plainStack();
  const shares = new TerraformVariable(stack, "shares", { type: "number" }).numberValue;
  expect(() => bootstrap({ shares, threshold: 2 }, stack)).not.toThrow();
});

describe("the check of a deploy", () => {
  const deployment = describeInstance({ openrouter: { title: "Costs ${x}" } });
  const parameters = checkParametersOf(deployment);
  const check = () => {
    const stack = plainStack();
    const container = new Container(stack, "container", { name: "vault", image: "an-image" });
    new DeployCheck(stack, "check", { deployment, triggers: ["17", "a/model"], dependsOn: [container] });
    return synthesize(stack).resource("terraform_data");
  };

  test("runs again when a trigger changes, and last", () => {
    expect(Object.values(check().triggers_replace)).toEqual(["17", "a/model"]);
    expect(check().depends_on).toEqual(["docker_container.container"]);
    expect(localExec(check()).command).toMatch(/ verify$/);
  });

  test.each([
    [{ baseUrl: "openrouter.ai" }, "option 'baseUrl' is openrouter.ai; expected a URL"],
    [
      { budget: { ...parameters.budget, alertEur: undefined } },
      "option 'budget.alertEur' is undefined; expected number",
    ],
    [
      { accepted: [{ id: "budget.limits", reason: "r" }] },
      "option 'accepted.0.id' is budget.limits; expected one of ",
    ],
  ])("refuses %j, which its run-time side does not take", (changed, message) => {
    const wrong = { ...parameters, ...changed } as CheckParameters;
    const declare = () => runStep(plainStack(), "check", { step: "verify", parameters: wrong, triggers: [] });
    expect(declare).toThrow(message);
  });

  test("is told what its run-time side reads; users' own words are no expressions", () => {
    const text = localExec(check()).environment.OPENCLAW_OPENROUTER_PARAMETERS as string;
    expect(text).toContain('"title":"Costs $${x}"');
    expect(stepParameters.verify.parse(JSON.parse(text.replaceAll("$${", "${")))).toEqual(parameters);
  });
});

test.each([
  ["plain", "plain"],
  ["${a}", "$${a}"],
  ["%{ if x }", "%%{ if x }"],
  ["$${a}", "$$${a}"],
  ["$5 {b} 100%", "$5 {b} 100%"],
])("literal %s", (text, escaped) => {
  expect(literal(text)).toBe(escaped);
});
