import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { readShares, type Shares } from "../../lib/vault/shares/shares-file";
import { verifySnapshot } from "../../lib/vault/snapshot";
import { readSealStatus, waitForVault, waitUntilActive } from "../../lib/vault/wait";
import { describeInFull, testInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { Haystack } from "./support/search";
import { TransitProvider } from "./support/transit";
import { TestVault } from "./support/vault";

describe("a Vault that another Vault's transit engine unseals", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const provider = new TransitProvider(host);
  const key = newKey();
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    await provider.start();
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  function settings(vaultSettings: object): void {
    host.writeSettings("default", { vault: vaultSettings, openrouter: { baseUrl: openrouter.baseUrl } });
  }

  const seal = () => readSealStatus(vault.client);

  /** What a host does after a reboot: it starts the container, and nobody gives anything. */
  async function restart(): Promise<void> {
    host.docker("restart", "vault");
    await waitForVault(vault.client);
  }

  async function expectOpensByItself(): Promise<void> {
    await restart();
    await waitUntilActive(vault.client);
    expect(vault.key()).toBe(key);
  }

  describe("to which it is moved", () => {
    let shares: Shares;
    let carried = "";

    beforeAll(async () => {
      settings({});
      await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
      shares = readShares(home.shares)!;
      carried = join(host.folder, "carried-away");
    });

    test("a deploy does not do it: it names the command that does", async () => {
      settings({ seal: provider.seal });
      const before = vault.started();
      const { code, stderr } = await host.run(["up"]);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("migrate-seal") });
      expect(vault.started()).toBe(before);
    });

    test("nothing is begun where its token's file is missing", async () => {
      settings({
        seal: { type: "transit", transit: { address: "https://kms.example.org", tokenFile: "/none" } },
      });
      const { code, stderr } = await host.run(["vault", "migrate-seal"]);
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("/none cannot be read"),
      });
      expect(existsSync(home.sealMigration)).toBe(false);
      settings({ seal: provider.seal });
    });

    test("migrate-seal moves it, with a snapshot first", async () => {
      const { stdout } = await host.mustRun(["vault", "migrate-seal", "--json"]);
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({ from: "shamir", to: "transit", snapshot: expect.any(String) });
      expect(statSync(report.snapshot).mode & 0o777).toBe(0o600);
      await verifySnapshot(createReadStream(report.snapshot), statSync(report.snapshot).size);
      expect(await seal()).toMatchObject({ type: "transit", sealed: false });
      expect(existsSync(home.sealMigration)).toBe(false);
      const { stdout: second } = await host.mustRun(["up", "--json"]);
      expect(JSON.parse(second)).toMatchObject({ changed: false });
      const { stdout: again } = await host.mustRun(["vault", "migrate-seal", "--json"]);
      expect(JSON.parse(again)).not.toHaveProperty("snapshot");
    });

    test("it survives a reboot by itself", expectOpensByItself);

    test("status, check and drift know it", async () => {
      const { stdout } = await host.mustRun(["shares", "status", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({ mode: "auto", seal: "transit", threshold: 3 });
      const { stdout: drift } = await host.run(["drift", "--json", "--no-network"]);
      expect(JSON.parse(drift)).toMatchObject({ findings: [], outcome: "clean" });
    });

    testInFull("a seal that somebody changed is drift", async () => {
      const record = deployedRecord.read(home)!;
      const settings = settingsSchema.parse(record.settings);
      const deployed = { ...settings, vault: { ...settings.vault, seal: { type: "shamir" } } };
      deployedRecord.write(home, { ...record, settings: deployed });
      const { code, stdout } = await host.run(["drift", "--json", "--no-network"]);
      deployedRecord.write(home, record);
      expect(code).toBe(2);
      expect(JSON.parse(stdout).findings).toContainEqual(
        expect.objectContaining({ id: "vault.seal", expected: "shamir", actual: "transit" }),
      );
    });

    testInFull("what becomes of its configuration on the volume is drift, and fixed", async () => {
      host.docker("exec", "vault", "sh", "-c", "echo >> /home/vault/seal/seal.json");
      const { stdout } = await host.run(["drift", "--json", "--no-network"]);
      expect(JSON.parse(stdout).findings).toMatchObject([{ id: "vault.files.seal/seal.json" }]);
      await host.mustRun(["drift", "--fix", "--yes"]);
      await expectOpensByItself();
    });

    testInFull("the recovery shares are re-created and leave the host as all shares do", async () => {
      await host.mustRun(["shares", "rekey"]);
      expect(readShares(home.shares)).toMatchObject({ generation: 2 });
      expect(readShares(home.shares)?.shares).not.toEqual(shares.shares);
      shares = readShares(home.shares)!;
      writeFileSync(carried, shares.shares.slice(1, 4).join("\n"));
      await host.mustRun(["shares", "remove", "--yes", "--share-file", carried]);
      expect(existsSync(home.shares)).toBe(false);
      await expectOpensByItself();
      const { stdout } = await host.mustRun(["check", "--json", "--skip", "openclaw.user"]);
      expect(JSON.parse(stdout)).toMatchObject({ outcome: "pass" });
    });

    testInFull(
      "without shares a deploy replaces the container, and a command starts a stopped one",
      async () => {
        settings({ seal: provider.seal, telemetry: true });
        await host.mustRun(["up"]);
        host.docker("stop", "vault");
        await host.mustRun(["check"]);
        expect(vault.key()).toBe(key);
      },
    );

    testInFull("another token is taken up, and the old one is left nowhere", async () => {
      const before = provider.token;
      provider.renewToken();
      const { stdout } = await host.mustRun(["up", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({ changed: true });
      provider.vault.asRoot(["token", "revoke", before]);
      await expectOpensByItself();
      expectNowhereElse(provider.token);
      const inContainer = host.docker("exec", "vault", "stat", "-c", "%a %u", "/home/vault/seal/seal.json");
      expect(inContainer).toBe("600 100");
    });

    /** But in the file that the settings name, and on the volume. */
    function expectNowhereElse(token: string): void {
      const haystack = new Haystack();
      haystack.addFolder(host.userHome);
      haystack.add("docker inspect", host.docker("inspect", "vault"));
      haystack.add(
        "docker logs",
        execFileSync("docker", ["logs", "vault"], {
          env: host.environment(),
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }),
      );
      expect(haystack.find(token)).toEqual([]);
    }

    testInFull("it is backed up, and restored by the same service", async () => {
      const file = join(host.folder, "of-transit.backup");
      await host.mustRun(["backup", "create", "--out", file]);
      await host.mustRun(["restore", "--from", file, "--yes", "--share-file", carried]);
      expect(await seal()).toMatchObject({ type: "transit", sealed: false });
      await expectOpensByItself();
      expect(existsSync(home.shares)).toBe(false);
    });

    testInFull(
      "a provider that is sealed is reported, and once it is open again Vault opens by itself",
      async () => {
        provider.vault.asRoot(["operator", "seal"]);
        host.docker("restart", "vault");
        const { code } = await host.run(["check"]);
        expect(code).toBe(1);
        await provider.vault.unseal();
        await waitForVault(vault.client);
        await waitUntilActive(vault.client);
        expect(vault.key()).toBe(key);
      },
    );

    testInFull("and back to people's shares, with what they have", async () => {
      settings({ telemetry: true });
      const refused = await host.run(["vault", "migrate-seal"]);
      expect(refused).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("are not on this host"),
      });
      expect(await seal()).toMatchObject({ type: "transit", sealed: false });
      const { stdout } = await host.mustRun(["vault", "migrate-seal", "--json", "--share-file", carried]);
      expect(JSON.parse(stdout)).toMatchObject({ from: "transit", to: "shamir" });
      expect(await seal()).toMatchObject({ type: "shamir", sealed: false });
      expect(() => host.docker("exec", "vault", "ls", "/home/vault/seal")).toThrow();
      await restart();
      expect(await seal()).toMatchObject({ sealed: true });
      await host.mustRun(["vault", "unseal", "--share-file", carried]);
      expect(vault.key()).toBe(key);
      const { stdout: drift } = await host.run(["drift", "--json", "--no-network"]);
      expect(JSON.parse(drift)).toMatchObject({ findings: [] });
    });
  });

  describeInFull("from its first deploy", () => {
    test("it is deployed, opens by itself, and goes whole", async () => {
      await host.mustRun(["destroy", "--purge", "--yes"]);
      settings({ seal: provider.seal });
      await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
      expect(readShares(home.shares)).toMatchObject({ threshold: 3, shares: { length: 5 } });
      await expectOpensByItself();
      await host.mustRun(["vault", "renew-identities"]);
      await host.mustRun(["destroy", "--purge", "--yes"]);
      const volumes = host.docker("volume", "ls", "-q").split("\n");
      expect(volumes.filter((name) => /^vault-(data|home)$/.test(name))).toEqual([]);
    });
  });
});
