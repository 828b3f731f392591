import { X509Certificate } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePaths } from "../../lib/model/home-paths";
import { instanceTlsFiles, instanceTlsPaths } from "../../lib/model/vault/vault-tls";
import { type CertificateOwner, renewCertificateIfDue } from "../../lib/session/renew-certificate";
import { ensureInstance } from "../../lib/store/home";
import { takeLock } from "../../lib/store/lock";
import { publicCaFile } from "../../lib/store/public-ca";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { ensureInstanceTls } from "../../lib/vault/tls/instance-tls";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

const day = 86_400_000;

/** An instance whose certificates were made so many days ago. Nothing listens on its port. */
async function instance(days: number) {
  const root = scratchFolder();
  process.env.OPENCLAW_OPENROUTER_PUBLIC = join(root, "public");
  const home = homePaths(join(root, "home"));
  const { id } = ensureInstance(home.root);
  const now = new Date(Date.now() - days * day);
  await ensureInstanceTls({ folder: home.tls, instanceId: id, container: "vault", now });
  const owner: CertificateOwner = {
    instance: "trial",
    home: home.root,
    container: "vault",
    port: 1,
    tls: instanceTlsFiles(home.tls),
  };
  return { home, owner, server: () => readFileSync(instanceTlsPaths(home.tls).server, "utf8") };
}

afterEach(() => {
  delete process.env.OPENCLAW_OPENROUTER_PUBLIC;
});

describe("a command that only reads", () => {
  test.each([
    ["renews a certificate past half of its time", 500, true],
    ["renews one that ended", 900, true],
    ["takes no lock for one that is good for long", 100, false],
  ])("%s", async (_, days, isRenewed) => {
    const { owner, server } = await instance(days);
    const before = server();
    await renewCertificateIfDue(owner);
    expect(server() !== before).toBe(isRenewed);
  });

  test("goes on with a valid one while another command holds the lock", async () => {
    const { home, owner, server } = await instance(500);
    const before = server();
    const lock = takeLock(home.lock, "up");
    try {
      await renewCertificateIfDue(owner);
    } finally {
      lock.release();
    }
    expect(server()).toBe(before);
  });

  test("says who holds the lock if the certificate ended", async () => {
    const { home, owner } = await instance(900);
    const lock = takeLock(home.lock, "up");
    try {
      await expect(renewCertificateIfDue(owner)).rejects.toThrow("Another run");
    } finally {
      lock.release();
    }
  });

  test.each(["ca", "caKey", "server", "serverKey"] as const)("makes a lost file again: %s", async (file) => {
    const { home, owner } = await instance(100);
    const path = instanceTlsPaths(home.tls)[file];
    rmSync(path);
    await renewCertificateIfDue(owner);
    expect(existsSync(path)).toBe(true);
  });

  test.each([
    ["files", (folder: string) => rmSync(join(folder, "server.pem"))],
    ["folder", (folder: string) => rmSync(folder, { recursive: true })],
  ])("makes lost %s again with the address for other hosts", async (_, lose) => {
    const { home, owner, server } = await instance(100);
    deployedRecord.write(home, { at: "2026-11-25T00:00:00Z", settings: { vault: { listen: "10.0.0.5" } } });
    writeFileSync(home.vaultCa, "the CA that verified Vault's certificate");
    lose(home.tls);
    await renewCertificateIfDue(owner);
    expect(new X509Certificate(server()).checkIP("10.0.0.5")).toBe("10.0.0.5");
  });

  test("lets other users read the CA that is pinned", async () => {
    const { home, owner } = await instance(500);
    await renewCertificateIfDue(owner);
    expect(readFileSync(publicCaFile("trial"), "utf8")).toBe(
      readFileSync(instanceTlsPaths(home.tls).ca, "utf8"),
    );
  });
});

describeAsRoot("OpenClaw's folder", () => {
  test.each([
    ["which can be another owner's now", {}],
    ["whose user can be gone", { user: "nobody-has-this-name" }],
  ])("is nothing that a renewal depends on: %s", async (_, record) => {
    const { home, owner, server } = await instance(500);
    const folder = join(home.root, "../openclaw");
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 1234, 1234);
    writeFileSync(home.installed, JSON.stringify({ folder, ...record }));
    const before = server();
    await renewCertificateIfDue(owner);
    expect(server()).not.toBe(before);
  });
});
