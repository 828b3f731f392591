import { existsSync } from "node:fs";
import { bootstrapParametersOf, parametersVariable } from "../../lib/model/run-parameters";
import { readShares } from "../../lib/vault/shares/shares-file";
import { TestHost } from "../e2e/support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "../e2e/support/openrouter";
import { makeCertificate } from "../support/certificate";
import { describeInstance } from "../support/deployment";
import { Squatter } from "./support/squatter";

/**
 * Before the first deploy nothing of an instance is there by which its Vault could be known, but its CA. Another local user listens
 * on the port, says that it is a Vault that was never initialized, and would answer `sys/init` with shares and a root token of its
 * own: whoever took them would store the key with that user.
 */
const host = new TestHost();
const key = newKey();
let openrouter: LocalOpenRouter;

beforeAll(async () => {
  openrouter = await localOpenRouter(key);
});
afterAll(async () => {
  await openrouter.close();
  host.remove();
});

describe.each([
  ["TLS, as by default", { port: 8340 }, "first"],
  ["plain HTTP", { port: 8341, tls: false }, "first-plain"],
])("the first deploy, by %s", (_, vault, instance) => {
  const squatter = new Squatter(vault.port, makeCertificate(host.folder, instance));
  const home = host.home(instance);

  beforeAll(async () => {
    host.writeSettings(instance, { vault, openrouter: { baseUrl: openrouter.baseUrl } });
    await squatter.start(true, false);
  });
  afterAll(() => squatter.stop());

  function expectNothingTaken(): void {
    const heard = squatter.heard.join("\n");
    expect(squatter.heard[0]).toBe("listening");
    expect(heard).not.toMatch(/sys\/init|secret_shares|sys\/unseal|x-vault-token|auth\//i);
    for (const form of [key, Buffer.from(key).toString("base64")]) expect(heard.includes(form)).toBe(false);
    expect(existsSync(home.shares)).toBe(false);
    expect(existsSync(home.rootToken)).toBe(false);
  }

  test("up ends, names the address, and takes no shares", async () => {
    const { code, stderr } = await host.run(["up", "-i", instance], { OPENROUTER_API_KEY: key });
    // Without a terminal nobody can be asked whether this is a Vault to use.
    expect(code).toBe(64);
    expect(stderr).toMatch(new RegExp(`${vault.port}`));
    expectNothingTaken();
  });

  test.each([
    ["asked", {}],
    ["down", { DOCKER_HOST: `unix://${host.folder}/nowhere.sock` }],
  ])("nor does the step that initializes, without the container, the engine %s", async (_, engine) => {
    const described = describeInstance(
      { vault, openrouter: { baseUrl: openrouter.baseUrl } },
      { instance, home: home.root, userHome: host.userHome },
    );
    const parameters = JSON.stringify(bootstrapParametersOf(described));
    const { code, stderr } = await host.run(["bootstrap"], { [parametersVariable]: parameters, ...engine });
    expect(stderr).toMatch(/certificate|nothing was sent/);
    expect(code).toBe(1);
    expectNothingTaken();
  });

  test("once the stranger is gone, up initializes its own Vault", async () => {
    await squatter.stop();
    await host.mustRun(["up", "-i", instance], { OPENROUTER_API_KEY: key });
    expect(readShares(home.shares)?.shares).toHaveLength(5);
    expect(JSON.stringify(readShares(home.shares))).not.toContain(btoa("share of the stranger").slice(0, 20));
    await host.mustRun(["check", "-i", instance]);
  });
});
