import { X509Certificate } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { VaultClient } from "../../lib/vault/client";
import { readSealStatus } from "../../lib/vault/wait";
import {
  makeCertificate,
  middleOfKey,
  servedFingerprint,
  type TestCertificate,
} from "../support/certificate";
import { testInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

/** An instance of one's own whose Vault serves TLS with a certificate of the host. */
describe("an instance with vault.tls", () => {
  const host = new TestHost();
  const [instance, container, port] = ["paris", "vault-paris", 8300];
  const key = newKey();
  const keysSeen: string[] = [];
  let openrouter: LocalOpenRouter;
  let tls: TestCertificate;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    renewCertificate();
    declare({ tls });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  /** A new certificate that verifies itself, in the files that the settings name. */
  function renewCertificate(): void {
    tls = makeCertificate(host.folder, "vault");
    keysSeen.push(middleOfKey(tls));
  }

  function declare(vault: object): void {
    host.writeSettings(instance, {
      vault: { container, port, ...vault },
      openrouter: { baseUrl: openrouter.baseUrl },
    });
  }

  const up = async () =>
    JSON.parse(
      (await host.mustRun(["up", "--instance", instance, "--json"], { OPENROUTER_API_KEY: key })).stdout,
    );
  const started = () => host.docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", container);
  const storedKey = () =>
    host.docker("exec", container, "vault", "kv", "get", "-field=api_key", "secret/openrouter");
  const declaredFingerprint = () => new X509Certificate(readFileSync(tls.certificateFile)).fingerprint256;

  test("up deploys and checks it", async () => {
    expect(await up()).toMatchObject({ changed: true, check: { outcome: "warn" } });
    expect(await servedFingerprint(port)).toBe(declaredFingerprint());
    await expect(readSealStatus(VaultClient.at({ address: `http://127.0.0.1:${port}` }))).rejects.toThrow(
      "serves TLS",
    );
  });

  test("the setup guide's own command works", () => {
    expect(storedKey()).toBe(key);
  });

  test("OpenClaw is told the address and what verifies it", () => {
    const folder = join(host.userHome, ".openclaw-paris");
    const artifact = (name: string) => readFileSync(join(folder, name), "utf8");
    expect(artifact("config.json")).toContain(`"address": "https://127.0.0.1:${port}"`);
    expect(artifact("openrouter.json5")).toContain(`"VAULT_ADDR": "https://127.0.0.1:${port}"`);
    // A copy: the user who runs OpenClaw need not be able to read the declared file.
    const copy = "openclaw-openrouter/vault-ca.pem";
    expect(artifact("openrouter.json5")).toContain(`"VAULT_CACERT": "${join(folder, copy)}"`);
    expect(artifact(copy)).toBe(readFileSync(tls.caFile, "utf8"));
  });

  test("a second up changes nothing and restarts nothing", async () => {
    const before = started();
    expect(await up()).toMatchObject({ changed: false, check: { outcome: "warn" } });
    expect(started()).toBe(before);
  });

  testInFull("check, status and unseal reach it", async () => {
    await host.mustRun(["check", "--instance", instance]);
    host.docker("restart", container);
    await host.mustRun(["vault", "unseal", "--instance", instance]);
    const { stdout } = await host.mustRun(["status", "--instance", instance, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      vault: { address: `https://127.0.0.1:${port}`, sealed: false },
    });
  });

  test("a renewed certificate is served without a restart", async () => {
    renewCertificate();
    const before = started();
    expect(await servedFingerprint(port)).not.toBe(declaredFingerprint());
    await host.mustRun(["check", "--instance", instance]);
    expect(await servedFingerprint(port)).toBe(declaredFingerprint());
    expect(started()).toBe(before);
    expect(storedKey()).toBe(key);
    expect(await up()).toMatchObject({ changed: false });
  });

  testInFull("what becomes of the key and the certificate on the volume is found, and fixed", async () => {
    host.docker("exec", container, "rm", "/home/vault/tls/key.pem");
    host.docker("exec", container, "sh", "-c", "echo x >> /home/vault/tls/certificate.pem");
    const { stdout, code } = await host.run(["drift", "--instance", instance, "--json"]);
    expect({ code, ids: JSON.parse(stdout).findings.map(({ id }: { id: string }) => id) }).toEqual({
      code: 2,
      ids: ["vault.files.tls/certificate.pem", "vault.files.tls/key.pem"],
    });
    await host.mustRun(["drift", "--fix", "--yes", "--instance", instance]);
    host.docker("restart", container);
    await host.mustRun(["vault", "unseal", "--instance", instance]);
    await host.mustRun(["drift", "--instance", instance]);
  });

  testInFull("a certificate that would not work is refused, and nothing is changed", async () => {
    const before = [started(), await servedFingerprint(port)];
    declare({ tls: makeCertificate(host.folder, "other", { names: "DNS:vault.example" }) });
    const { code, stderr } = await host.run(["up", "--instance", instance], { OPENROUTER_API_KEY: key });
    expect(code).toBe(1);
    expect(stderr).toContain("does not name 127.0.0.1");
    expect([started(), await servedFingerprint(port)]).toEqual(before);
    declare({ tls });
  });

  testInFull("TLS is switched off and on again", async () => {
    declare({ tls: false });
    expect(await up()).toMatchObject({ changed: true, check: { outcome: "warn" } });
    expect(await readSealStatus(VaultClient.at({ address: `http://127.0.0.1:${port}` }))).toMatchObject({
      sealed: false,
    });
    const listenerUid = join(host.userHome, ".openclaw-paris", "openclaw-openrouter", "listener_uid");
    expect(readFileSync(listenerUid, "utf8")).toBe("0\n");
    declare({ tls });
    expect(await up()).toMatchObject({ changed: true, check: { outcome: "warn" } });
    expect(await servedFingerprint(port)).toBe(declaredFingerprint());
  });

  testInFull("a home volume that was lost is filled again", async () => {
    await host.mustRun(["destroy", "--yes", "--instance", instance]);
    host.docker("volume", "rm", `${container}-home`);
    expect(await up()).toMatchObject({ check: { outcome: "warn" } });
    expect(storedKey()).toBe(key);
  });

  test("the private key lies in its own file and on the volume alone", () => {
    const files = readdirSync(host.userHome, { recursive: true }).map((name) =>
      join(host.userHome, String(name)),
    );
    const texts = files
      .filter((path) => lstatSync(path).isFile())
      .map((path) => readFileSync(path, "latin1"));
    texts.push(host.docker("inspect", container), host.docker("logs", container));
    expect(texts.length).toBeGreaterThan(20);
    for (const text of texts) for (const line of keysSeen) expect(text.includes(line)).toBe(false);
    expect(host.docker("exec", container, "stat", "-c", "%a %u %g", "/home/vault/tls/key.pem")).toBe(
      "600 100 1000",
    );
    expect(host.docker("ps", "-aq").split("\n")).toHaveLength(1);
  });
});
