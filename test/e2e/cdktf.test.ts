import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { waitForVault } from "../../lib/vault/wait";
import { describeInFull, triedOf } from "./support/full";
import { GuideVault } from "./support/guide-vault";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { pathWithout } from "./support/path-without";

const root = resolve(__dirname, "../..");

/** A checkout of the host's own: what the CLI writes there (cdktf.out) is no other run's. */
function checkoutOn(host: TestHost): string {
  const folder = join(host.folder, "checkout");
  mkdirSync(folder);
  for (const name of ["cdktf.json", "package.json", "scripts", "lib", "node_modules"]) {
    symlinkSync(join(root, name), join(folder, name));
  }
  return folder;
}

function cdktf(host: TestHost, checkout: string, command: string, environment: NodeJS.ProcessEnv) {
  const cli = join(root, "node_modules/cdktf-cli/bundle/bin/cdktf");
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, command, "*", "--auto-approve"], {
    cwd: checkout,
    env: host.environment({ TF_INPUT: "0", CHECKPOINT_DISABLE: "1", ...environment }),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, output: stdout + stderr };
}

/** The CDKTF way: the CLI by itself, and the command that prepares, runs it and checks. */
describeInFull("cdktf deploy", () => {
  const host = new TestHost();
  afterAll(() => host.remove());

  const container = "openclaw-sandbox-vault";
  const environment = { OPENCLAW_OPENROUTER_INSTANCE: "sandbox" };

  const checkout = checkoutOn(host);
  const run = (command: string, key: string) =>
    cdktf(host, checkout, command, { ...environment, TF_VAR_openrouter_api_key: key });

  const storedKey = () =>
    host.docker("exec", container, "vault", "kv", "get", "-field=api_key", "secret/openrouter");

  test("the command deploys and checks", async () => {
    const { stderr } = await host.mustRun(["deploy"], environment);
    expect(stderr).toContain("Instance sandbox is deployed; the check passed.");
    expect((await host.mustRun(["deploy"], environment)).stderr).toContain("nothing changed");
  });

  test("the CLI by itself, on what is there, finds the providers without a registry", async () => {
    const { code, output } = run("deploy", storedKey());
    if (code !== 0) throw new Error(output);
    expect(output).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("a sealed Vault is said, with what to do", async () => {
    host.docker("restart", container);
    const { code, output } = run("deploy", "");
    expect(code).not.toBe(0);
    expect(output).toContain("is sealed");
    expect(output).toMatch(/openclaw-openrouter(\.mjs)? vault unseal/);
    await host.mustRun(["vault", "unseal"], environment);
  });
});

describe("a bare cdktf deploy on a host where no command of ours ran, and without a registry", () => {
  const host = new TestHost();
  const checkout = checkoutOn(host);
  afterAll(() => host.remove());

  const key = newKey();
  const deploy = (more: NodeJS.ProcessEnv = {}) =>
    cdktf(host, checkout, "deploy", {
      TF_VAR_openrouter_api_key: key,
      OPENCLAW_OPENROUTER_CHECK: "later",
      ...more,
    });
  const volumes = () => host.docker("volume", "ls", "-q");

  beforeAll(() => {
    for (const image of host.docker("images", "-q", "*/vault").split("\n")) {
      if (image) host.docker("rmi", "-f", image);
    }
  });

  const withoutTerraform = () => pathWithout(host, "terraform", "tofu");
  const missing: [string, () => NodeJS.ProcessEnv, RegExp][] = [
    ["the key", () => ({ TF_VAR_openrouter_api_key: "" }), /TF_VAR_openrouter_api_key\n/],
    ["the engine", () => ({ DOCKER_HOST: `unix://${host.folder}/none` }), /Start that engine/],
    [
      "the image and the providers",
      () => ({ OPENCLAW_OPENROUTER_CACHE: join(host.folder, "empty") }),
      /openclaw-openrouter(\.mjs)? bundle\n/,
    ],
    ["Terraform", () => ({ PATH: withoutTerraform() }), /export TERRAFORM_BINARY_NAME=\S+\/tofu\n/],
  ];
  const tried = triedOf(
    missing,
    (_row, index) => index === 0,
    ([name]) => `${name} is named if it is missing, before Terraform starts`,
  );
  test.each(tried)("%s is named if it is missing, before Terraform starts", (_, environment, fix) => {
    const { code, output } = deploy(environment());
    expect(code).not.toBe(0);
    expect(output).toMatch(fix);
    expect(output).not.toMatch(/Terraform used|Creating\.\.\./);
    expect(volumes()).toBe("");
  });

  test("puts up Vault and the secret, with the image from the offline bundle", () => {
    const outcome = deploy();
    if (outcome.code !== 0) throw new Error(outcome.output);
    expect(host.docker("exec", "vault", "vault", "kv", "get", "-field=api_key", "secret/openrouter")).toBe(
      key,
    );
    expect(deploy().output).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("cdktf destroy is refused, and names the commands that remove it", () => {
    const before = volumes();
    const { code, output } = cdktf(host, checkout, "destroy", {});
    expect(code).not.toBe(0);
    expect(output).toMatch(/openclaw-openrouter(\.mjs)? destroy --instance default/);
    expect(output).toContain("destroy --purge");
    expect(volumes()).toBe(before);
    expect(host.docker("ps", "-q", "--filter", "name=vault")).not.toBe("");
  });
});

describeInFull("a bare cdktf deploy into an external Vault", () => {
  const host = new TestHost();
  const vault = new GuideVault(host);
  const checkout = checkoutOn(host);
  const [key, other] = [newKey(), newKey()];
  let openrouter: LocalOpenRouter;
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });
  const deploy = (given: string) =>
    cdktf(host, checkout, "deploy", {
      OPENCLAW_OPENROUTER_INSTANCE: "default",
      TF_VAR_openrouter_api_key: given,
      OPENCLAW_OPENROUTER_CHECK: "later",
    });
  const fields = async () => (await vault.read("secret/data/openrouter")) as { data: object };

  beforeAll(async () => {
    openrouter = await localOpenRouter(key, other);
    host.writeSettings("default", {
      vault: { address: vault.address },
      openrouter: { baseUrl: openrouter.baseUrl },
    });
    await vault.start();
    vault.asRoot(["secrets", "enable", "-path=secret", "kv-v2"]);
    vault.asRoot(["kv", "put", "secret/openrouter", `api_key=${key}`, "note=theirs"]);
  });

  test("before it was taken up, it says what to do", async () => {
    const { code, output } = deploy(key);
    expect(code).not.toBe(0);
    expect(output).toMatch(/openclaw-openrouter(\.mjs)? up/);
    expect((await fields()).data).toEqual({ api_key: key, note: "theirs" });
  });

  test("then it finds nothing to do, and stores another key beside the other fields", async () => {
    await host.mustRun(["up", "-i", "default", "--admin-token-stdin"], {}, vault.rootToken);
    const { code, output } = deploy(key);
    if (code !== 0) throw new Error(output);
    expect(output).toContain("0 added, 0 changed, 0 destroyed");
    expect(deploy(other)).toMatchObject({ code: 0 });
    expect((await fields()).data).toEqual({ api_key: other, note: "theirs" });
    expect((await host.mustRun(["up", "-i", "default", "--json"])).stdout).toContain('"changed": false');
  });

  test("sealed, it says so", async () => {
    host.docker("restart", vault.container);
    await waitForVault(vault.client);
    expect(deploy("").output).toContain("is sealed");
  });
});
