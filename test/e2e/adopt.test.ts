import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type StackName, stackNames } from "../../lib/model/home-paths";
import { readBackups, writeBackups } from "../../lib/store/records/backup-record";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { readShares } from "../../lib/vault/shares/shares-file";
import { DeployedHost, deployedKey } from "./support/deployed";
import { testInFull } from "./support/full";
import type { RunOutcome } from "./support/host";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** Terraform's state is gone, and the rest is there. */
describe("a lost state", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  const other = { path: "secret/data/other", body: { data: { theirs: "kept" } } };
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await vault.asRoot((root) => root.call({ method: "POST", ...other }, z.unknown()));
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  function lose(...stacks: StackName[]): void {
    for (const stack of stacks)
      for (const path of [home.state(stack), home.deployedState(stack), `${home.state(stack)}.backup`])
        rmSync(path, { force: true });
  }

  function expectStop({ code, stderr }: RunOutcome, ...says: (string | RegExp)[]): void {
    for (const text of says) expect(stderr).toMatch(text);
    expect(stderr).not.toContain("defect");
    expect(code).toBe(1);
  }

  async function expectAllIsThere(): Promise<void> {
    expect(vault.key()).toBe(key);
    const read = await vault.asRoot((root) => root.call({ path: other.path }, z.any()));
    expect(read.data.data).toEqual(other.body.data);
    const { stdout } = await host.mustRun(["up", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false });
  }

  function addressesIn(stack: StackName): string[] {
    const args = ["state", "list", `-state=${home.state(stack)}`];
    return execFileSync("terraform", args, { encoding: "utf8" }).split("\n").filter(Boolean).sort();
  }

  test("adopt takes over what is there, over the same data, and ends with an empty plan", async () => {
    const before = stackNames.map(addressesIn);
    const lineages = deployedRecord.read(home)?.states;
    const shares = readShares(home.shares);
    const [volume] = JSON.parse(host.docker("volume", "inspect", "vault-data"));
    const [container] = vault.started().split(" ");
    lose("vault", "openrouter");

    expectStop(await host.run(["up"]), "Terraform's state is gone", "openclaw-openrouter state adopt");
    expectStop(
      await host.run(["key", "rotate", "--key-stdin"], {}, newKey()),
      "openclaw-openrouter state adopt",
    );
    expectStop(await host.run(["destroy", "--yes"]), "openclaw-openrouter state adopt");
    expect(await host.run(["state", "adopt"])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("--yes"),
    });
    expect(vault.started()).toContain(container);

    const { stdout, stderr } = await host.mustRun(["state", "adopt", "--yes", "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      lost: ["vault", "openrouter"],
      done: { left: [], backup: expect.stringMatching(/\.tar$/) },
    });
    expect(stderr).toContain("replace the container vault");
    expect(existsSync(report.done.backup)).toBe(true);
    expect(stackNames.map(addressesIn)).toEqual(before);
    expect(deployedRecord.read(home)?.states?.vault).not.toEqual(lineages?.vault);
    expect(readShares(home.shares)).toEqual(shares);
    expect(JSON.parse(host.docker("volume", "inspect", "vault-data"))[0]).toEqual(volume);
    expect(vault.started()).not.toContain(container);
    expect(existsSync(home.adoption)).toBe(false);
    await expectAllIsThere();
  });

  test("where nothing is gone, adopt changes nothing", async () => {
    const started = vault.started();
    const { stdout, stderr } = await host.mustRun(["state", "adopt", "--yes", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ version: 1, instance: "default", lost: [] });
    expect(stderr).toContain("nothing to take over");
    expect(vault.started()).toBe(started);
  });

  testInFull("the second stack's alone: the container stays", async () => {
    const started = vault.started();
    lose("openrouter");
    const { stdout } = await host.mustRun(["state", "adopt", "--yes", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ lost: ["openrouter"], done: { left: [] } });
    expect(vault.started()).toBe(started);
    await expectAllIsThere();
  });

  testInFull("the last deploy's copy is there: `up` names the way that replaces nothing", async () => {
    const started = vault.started();
    rmSync(home.state("vault"));
    expectStop(await host.run(["up"]), /drift --fix[\s\S]*adopt/);
    await host.mustRun(["drift", "--fix", "--yes"]);
    expect(vault.started()).toBe(started);
    await expectAllIsThere();
  });

  testInFull("the first stack's alone, with a container that is gone as well", async () => {
    lose("vault");
    host.docker("rm", "-f", "vault");
    await host.mustRun(["state", "adopt", "--yes"]);
    await expectAllIsThere();
  });

  testInFull("and the container stopped, or sealed", async () => {
    lose("vault", "openrouter");
    host.docker("stop", "vault");
    await host.mustRun(["state", "adopt", "--yes"]);
    await expectAllIsThere();
  });

  testInFull("and no key in Vault: adopt says how to give one, and goes on with it", async () => {
    lose("openrouter");
    await vault.asRoot((root) =>
      root.call({ method: "DELETE", path: "secret/metadata/openrouter" }, z.unknown()),
    );
    expectStop(await host.run(["state", "adopt", "--yes"]), /No OpenRouter key[\s\S]* adopt --key-file FILE/);
    expectStop(await host.run(["up"]), "was interrupted", "openclaw-openrouter state adopt");
    const file = join(host.folder, "key");
    writeFileSync(file, `${key}\n`, { mode: 0o600 });
    await host.mustRun(["state", "adopt", "--yes", "--key-file", file]);
    await expectAllIsThere();
  });

  testInFull("a policy and the audit device are gone as well: they are made", async () => {
    lose("openrouter");
    await vault.asRoot(async (root) => {
      await root.call({ method: "DELETE", path: "sys/policies/acl/openclaw-reader" }, z.unknown());
      await root.call({ method: "DELETE", path: "sys/audit/file" }, z.unknown());
    });
    await host.mustRun(["state", "adopt", "--yes"]);
    await expectAllIsThere();
  });

  testInFull("a state of another lineage is refused, with the way on", async () => {
    const path = home.state("openrouter");
    const aside = join(host.folder, "aside.tfstate");
    copyFileSync(path, aside);
    const lineage = "00000000-0000-0000-0000-000000000000";
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), lineage }));
    const started = vault.started();
    for (const args of [["up"], ["state", "adopt", "--yes"], ["destroy", "--yes"]])
      expectStop(await host.run(args), "is not the one that the last deploy left", lineage, "drift --fix");
    expect(vault.started()).toBe(started);
    renameSync(aside, path);
    await expectAllIsThere();
  });

  testInFull("another instance's state is refused", async () => {
    const record = readFileSync(home.deployed);
    const state = JSON.parse(readFileSync(home.state("vault"), "utf8"));
    const instance = JSON.parse(readFileSync(home.instance, "utf8"));
    writeFileSync(
      home.state("vault"),
      JSON.stringify(state).replaceAll(instance.id, "11111111-1111-1111-1111-111111111111"),
    );
    rmSync(home.deployed);
    for (const args of [["up"], ["state", "adopt", "--yes"]])
      expectStop(await host.run(args), "another instance's", "11111111");
    writeFileSync(home.deployed, record);
    writeFileSync(home.state("vault"), JSON.stringify(state));
    await expectAllIsThere();
  });

  test("the volume is gone and the state there: what is lost is reported, and which backup brings it back", async () => {
    const backup = readBackups(home).at(-1);
    const shares = readFileSync(home.shares);
    host.docker("rm", "-f", "vault");
    host.docker("volume", "rm", "vault-data");
    const fingerprint = JSON.parse(readFileSync(home.key, "utf8")).fingerprint;
    for (const args of [["up"], ["state", "adopt", "--yes"]])
      expectStop(
        await host.run(args),
        "volume vault-data, which held Vault's data, is gone",
        fingerprint,
        `restore --from ${backup?.file}`,
      );
    writeBackups(home, []);
    expectStop(await host.run(["up"]), "No backup of this instance is recorded", "destroy --purge");
    expect(host.docker("volume", "ls", "-q")).not.toContain("vault-data");
    expect(readFileSync(home.shares)).toEqual(shares);
  });
});
