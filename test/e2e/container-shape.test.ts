import { X509Certificate } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { askResolver } from "../../lib/openclaw/ask-resolver";
import { ensureInstance } from "../../lib/store/home";
import { ensureInstanceTls } from "../../lib/vault/tls/instance-tls";
import { servedFingerprint } from "../support/certificate";
import { testInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** What is around Vault's container: certificate, network, Unix listener; and what becomes of them while nobody looks. */
describe("a container that was deployed as by default", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const paths = instanceTlsPaths(home.tls);
  const key = newKey();
  const longAgo = new Date(Date.now() - 900 * 86_400_000);
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    await makeCertificates(longAgo);
    await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const makeCertificates = (now: Date) =>
    ensureInstanceTls({
      folder: home.tls,
      instanceId: ensureInstance(home.root).id,
      container: "vault",
      now,
    });
  const resolved = () => askResolver({ folder: join(host.userHome, ".openclaw") }, vault.place);
  const changed = async () => JSON.parse((await host.mustRun(["up", "--json"])).stdout).changed;
  const networkId = () => host.docker("network", "inspect", "-f", "{{.Id}}", "vault-network");
  const inContainer = (...command: string[]) => host.docker("exec", "vault", ...command);

  /** Vault listens a moment after its container started. */
  async function servedAfterStart(): Promise<string | undefined> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const served = await servedFingerprint(8200).catch(() => undefined);
      if (served) return served;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return undefined;
  }

  test("serves a certificate of the instance's CA, which other users can read", async () => {
    expect(await servedFingerprint(8200)).toBe(
      new X509Certificate(readFileSync(paths.server)).fingerprint256,
    );
    const published = join(host.userHome, "public", "default-ca.pem");
    expect(readFileSync(published, "utf8")).toBe(readFileSync(paths.ca, "utf8"));
    expect(statSync(published).mode & 0o777).toBe(0o644);
    const { stderr } = await host.mustRun(["status"]);
    expect(stderr).toContain(`VAULT_ADDR=https://127.0.0.1:8200 VAULT_CACERT=${published}`);
  });

  test("the setup guide's own command works", () => {
    expect(vault.key()).toBe(key);
  });

  test("has a Unix listener that only Vault's user may reach", () => {
    expect(inContainer("stat", "-c", "%a %u %g", "/vault/socket")).toBe("700 100 1000");
    expect(inContainer("stat", "-c", "%a %u %g", "/vault/socket/vault.sock")).toBe("666 100 1000");
    expect(
      inContainer(
        "env",
        "-u",
        "VAULT_CACERT",
        "VAULT_ADDR=unix:///vault/socket/vault.sock",
        "vault",
        "status",
      ),
    ).toMatch(/Sealed +false/);
  });

  test("is on a bridge of its own, which publishes its port, and on which nothing reaches anything", () => {
    const [network] = JSON.parse(host.docker("network", "inspect", "vault-network"));
    expect(network).toMatchObject({
      Driver: "bridge",
      Internal: false,
      Options: { "com.docker.network.bridge.enable_icc": "false" },
      Labels: { "openclaw-openrouter.instance": ensureInstance(home.root).id },
    });
    const networks = host.docker("inspect", "-f", "{{json .NetworkSettings.Networks}}", "vault");
    expect(Object.keys(JSON.parse(networks))).toEqual(["vault-network"]);
  });

  testInFull("an image committed from it does not take the listener's folder from Vault", async () => {
    host.docker("stop", "vault");
    host.docker("commit", "vault", "test/committed");
    const folder = [
      "run",
      "--rm",
      "-v",
      "vault-socket:/vault/socket",
      "--entrypoint",
      "stat",
      "test/committed",
    ];
    expect(host.docker(...folder, "-c", "%a %u %g", "/vault/socket")).toBe("700 100 1000");
    host.docker("rmi", "test/committed");
    await host.mustRun(["vault", "unseal"]);
  });

  test.each([["vault", "unseal"], ["check"], ["drift", "--fix", "--yes"]])(
    "a network that was pruned is made again by %s %s %s, and nothing is to be changed then",
    async (...args) => {
      const before = networkId();
      host.docker("stop", "vault");
      host.docker("network", "prune", "-f");
      await host.mustRun(args);
      expect(networkId()).not.toBe(before);
      expect(vault.key()).toBe(key);
      expect(await changed()).toBe(false);
    },
  );

  testInFull("somebody else's network of that name is not touched", async () => {
    host.docker("stop", "vault");
    host.docker("network", "prune", "-f");
    host.docker("network", "create", "vault-network");
    const { code, stderr } = await host.run(["vault", "unseal"]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("not this instance's"),
    });
    host.docker("network", "rm", "vault-network");
    await host.mustRun(["vault", "unseal"]);
  });

  test.each(["vault unseal", "check"])(
    "left alone until its certificate had expired, it serves the key again by %s after a reboot",
    async (command) => {
      rmSync(paths.server);
      rmSync(paths.serverKey);
      await makeCertificates(longAgo);
      const expired = new X509Certificate(readFileSync(paths.server));
      expect(Date.parse(expired.validTo)).toBeLessThan(Date.now());
      for (const [name, path] of [
        ["certificate.pem", paths.server],
        ["key.pem", paths.serverKey],
      ] as const)
        inContainer("sh", "-c", `cat > /home/vault/tls/${name} <<'E'\n${readFileSync(path, "utf8")}E`);
      host.docker("restart", "vault");
      expect(await servedAfterStart()).toBe(expired.fingerprint256);
      expect(await resolved()).toEqual({ problem: expect.stringMatching(/certificate/) });

      await host.mustRun(command.split(" "));
      expect(await servedFingerprint(8200)).not.toBe(expired.fingerprint256);
      expect(vault.key()).toBe(key);
      expect(await resolved()).toEqual({ key });
      expect(await changed()).toBe(false);
    },
  );

  testInFull("a CA that is another one by now reaches OpenClaw and Vault by the next command", async () => {
    rmSync(paths.caKey);
    rmSync(paths.server);
    await host.mustRun(["vault", "unseal"]);
    expect(await servedFingerprint(8200)).toBe(
      new X509Certificate(readFileSync(paths.server)).fingerprint256,
    );
    expect(await resolved()).toEqual({ key });
    expect(vault.key()).toBe(key);
    expect(await changed()).toBe(false);
  });

  test("an instance directory of another format is refused by its number, and nothing is changed", async () => {
    const record = readFileSync(home.instance, "utf8");
    writeFileSync(home.instance, record.replace('"format": 2', '"format": 1'));
    for (const args of [["up"], ["check"], ["drift"], ["status"], ["destroy", "--purge", "--yes"]]) {
      const { code, stderr } = await host.run(args);
      expect({ args, code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("format 1") });
    }
    writeFileSync(home.instance, record);
    expect(vault.key()).toBe(key);
  });

  test("destroy takes the network along, and purge the volumes", async () => {
    await host.mustRun(["destroy", "--purge", "--yes"]);
    expect(host.docker("network", "ls", "-q", "--filter", "type=custom")).toBe("");
    expect(host.docker("volume", "ls", "-q")).toBe("");
  });
});
