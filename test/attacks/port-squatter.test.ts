import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrapParametersOf, checkParametersOf, parametersVariable } from "../../lib/model/run-parameters";
import { instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { askResolver } from "../../lib/openclaw/ask-resolver";
import { readCredential } from "../../lib/store/credentials";
import { readShares } from "../../lib/vault/shares/shares-file";
import { isFull, triedOf } from "../e2e/support/full";
import { GuideVault } from "../e2e/support/guide-vault";
import { TestHost } from "../e2e/support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "../e2e/support/openrouter";
import { makeCertificate } from "../support/certificate";
import { describeInstance } from "../support/deployment";
import { Squatter, stranger } from "./support/squatter";

/** Another local user listens on Vault's port while Vault is away. Whatever is run then, that user gets no secret. */
const host = new TestHost();
const key = newKey();
const adminToken = "hvs.the-admins-own-token";
let openrouter: LocalOpenRouter;

beforeAll(async () => {
  openrouter = await localOpenRouter(key);
});
afterAll(async () => {
  await openrouter.close();
  host.remove();
});

const noEngine = { DOCKER_HOST: `unix://${host.folder}/nowhere.sock` };

/** How Vault is away, and how the host is brought there. */
const absences = {
  stopped: (container: string) => host.docker("stop", container),
  removed: (container: string) => host.docker("rm", "-f", container),
} as const;

/** Each looks at nothing that the others change: they run at once. */
const reading = [["check"], ["drift", "--json", "--no-network"], ["status"], ["drift", "--markdown", "-"]];
const changing = [
  ["vault", "unseal"],
  ["vault", "renew-identities"],
  ["vault", "login"],
  ["key", "rotate"],
  ["backup", "create"],
  ["shares", "export", "-"],
  ["drift", "--fix", "--yes"],
];

interface Target {
  readonly instance: string;
  readonly container: string;
  readonly port: number;
  readonly settings: object;
}

/** All that may not reach another side, in every form in which it could. */
function secretsOf({ instance }: Target): string[] {
  const home = host.home(instance);
  const credentials = (["deployer", "reader", "auditor"] as const).flatMap((name) => {
    const credential = readCredential(home, name);
    return credential ? [credential.roleId, credential.secretId] : [];
  });
  const plain = [key, adminToken, ...(readShares(home.shares)?.shares ?? []), ...credentials];
  expect(plain.length).toBeGreaterThanOrEqual(7);
  return plain.flatMap((secret) => [secret, Buffer.from(secret).toString("base64")]);
}

function expectNothingHeard(squatter: Squatter, target: Target): void {
  expect(squatter.heard[0]).toBe("listening");
  const heard = squatter.heard.join("\n");
  for (const secret of secretsOf(target)) expect(heard.includes(secret)).toBe(false);
  expect(heard).not.toMatch(/x-vault-token|secret_id|"key"/i);
}

/** The steps that Terraform runs, as it runs them. */
async function runSteps({ instance, settings }: Target, extra: NodeJS.ProcessEnv): Promise<void> {
  const described = describeInstance(settings, {
    instance,
    home: host.home(instance).root,
    userHome: host.userHome,
  });
  const parameters: Record<string, object> = {
    bootstrap: bootstrapParametersOf(described),
    verify: checkParametersOf(described),
  };
  await Promise.all(
    Object.entries(parameters).map(([step, given]) =>
      host.run([step], { [parametersVariable]: JSON.stringify(given), ...extra }),
    ),
  );
}

async function runAll(target: Target, extra: NodeJS.ProcessEnv = {}): Promise<void> {
  const { instance, settings } = target;
  const named = (args: readonly string[]) => [...args, "-i", instance];
  await Promise.all(reading.map((args) => host.run(named(args), extra)));
  for (const args of isFull ? changing : changing.slice(0, 2)) await host.run(named(args), extra);
  await runSteps(target, extra);
  const { address, caFile, openclawFolder } = describeInstance(settings, {
    instance,
    home: host.home(instance).root,
    userHome: host.userHome,
  });
  const answer = await askResolver({ folder: openclawFolder }, { address, ...(caFile ? { caFile } : {}) });
  expect(answer).toEqual({ problem: expect.stringMatching(/certificate|nothing was sent/) });
}

const targets: Record<string, Target> = {
  "TLS, as by default": {
    instance: "safe",
    container: "vault-safe",
    port: 8310,
    settings: { vault: { port: 8310 } },
  },
  "plain HTTP": {
    instance: "plain",
    container: "vault-plain",
    port: 8320,
    settings: { vault: { port: 8320, tls: false } },
  },
};

const triedTargets = triedOf(
  Object.entries(targets),
  ([, { instance }]) => instance === "safe",
  ([name]) => `a Vault of the instance's own by ${name}`,
);
describe.each(triedTargets)("a Vault of the instance's own by %s", (_, target) => {
  const { instance, container, port } = target;
  const certificate = makeCertificate(host.folder, `stranger-${port}`);

  beforeAll(async () => {
    host.writeSettings(instance, { ...target.settings, openrouter: { baseUrl: openrouter.baseUrl } });
    await host.mustRun(["up", "-i", instance], { OPENROUTER_API_KEY: key });
  });

  const all = [
    ["removed", false],
    ["stopped", true],
    ["removed", true],
    ["stopped", false],
  ] as const;
  const cases = triedOf(
    all,
    (_case, index) => index === 0,
    ([absence, sealed]) => `container ${absence}, the stranger's sealed ${sealed}`,
  );

  test.each(cases)("container %s, the stranger's sealed %s", async (absence, sealed) => {
    absences[absence](container);
    const squatter = new Squatter(port, certificate);
    await squatter.start(sealed);
    try {
      await runAll(target);
      if (isFull) await runAll(target, noEngine);
      const told = await host.run(["check", "-i", instance, "--only", "vault.reachable", "--json"], noEngine);
      expect(told.stdout).toMatch(/uid 65534/);
      expectNothingHeard(squatter, target);
    } finally {
      await squatter.stop();
    }
    await host.mustRun(["up", "-i", instance]);
  });

  test("the key is served again once the stranger is gone", async () => {
    await host.mustRun(["check", "-i", instance]);
  });
});

describe("an external Vault by plain HTTP", () => {
  const vault = new GuideVault(host, { container: "guide", port: 8330 });
  const target: Target = {
    instance: "outer",
    container: "guide",
    port: 8330,
    settings: { vault: { address: "http://127.0.0.1:8330", container: "guide" } },
  };
  const tokenFile = join(host.folder, "admin-token");
  const certificate = makeCertificate(host.folder, "stranger-outer");

  beforeAll(async () => {
    await vault.start();
    host.writeSettings("outer", { ...target.settings, openrouter: { baseUrl: openrouter.baseUrl } });
    writeFileSync(tokenFile, vault.rootToken, { mode: 0o600 });
    await host.mustRun(["up", "-i", "outer", "--admin-token-file", tokenFile], { OPENROUTER_API_KEY: key });
  });

  test("up recorded whose listener it is", () => {
    expect(JSON.parse(readFileSync(host.home("outer").listener, "utf8"))).toMatchObject({ uid: 0 });
  });

  test.each([
    ["with its container named", true],
    ["without", false],
  ])("%s: no credential and no admin's token is sent", async (_, isNamed) => {
    const settings = {
      vault: { address: "http://127.0.0.1:8330", ...(isNamed ? { container: "guide" } : {}) },
    };
    host.writeSettings("outer", { ...settings, openrouter: { baseUrl: openrouter.baseUrl } });
    host.docker("stop", "guide");
    const squatter = new Squatter(8330, certificate);
    await squatter.start(false);
    writeFileSync(tokenFile, adminToken, { mode: 0o600 });
    try {
      const { code, stderr } = await host.run(["up", "-i", "outer", "--admin-token-file", tokenFile]);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("uid 65534") });
      await Promise.all(reading.map((args) => host.run([...args, "-i", "outer"])));
      const resolver = { folder: join(host.userHome, ".openclaw-outer") };
      expect(await askResolver(resolver, { address: vault.address })).toEqual({
        problem: expect.stringContaining("nothing was sent"),
      });
      expectNothingHeard(squatter, target);
    } finally {
      await squatter.stop();
      rmSync(tokenFile);
    }
    host.docker("start", "guide");
    await vault.unseal();
  });
});

test("the CA's key is the deployer's alone", () => {
  expect(readFileSync(instanceTlsPaths(host.home("safe").tls).caKey, "utf8")).toContain("PRIVATE KEY");
  expect(() =>
    execFileSync("cat", [instanceTlsPaths(host.home("safe").tls).caKey], {
      uid: stranger,
      gid: stranger,
      stdio: "pipe",
    }),
  ).toThrow("Permission denied");
});
