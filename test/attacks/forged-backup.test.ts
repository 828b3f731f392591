import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { readArchive, writeArchive } from "../../lib/backup/archive";
import { readFromBackup, writeForBackup } from "../../lib/vault/backup-mount";
import { takeSnapshot } from "../../lib/vault/snapshot";
import { DeployedHost } from "../e2e/support/deployed";
import { testInFull, triedOf } from "../e2e/support/full";
import type { LocalOpenRouter } from "../e2e/support/openrouter";
import { TestVault } from "../e2e/support/vault";
import { forgedTar, withSums } from "../support/forged-archive";

/** What lies in a snapshot besides Vault's data. */
interface Document {
  manifest: object;
  settings?: { name: string; text: string };
  files: Record<string, string>;
}

const evilState = {
  version: 4,
  lineage: "evil",
  serial: 9,
  resources: [
    {
      mode: "managed",
      type: "evil_thing",
      name: "x",
      provider: 'provider["registry.terraform.io/evil/evil"]',
      instances: [],
    },
  ],
};

/** What somebody forges who has the deployer's credential, and so writes what Vault's barrier then proves. */
const forgeries: Record<string, (document: Document) => void> = {
  "a file outside": ({ files }) => {
    files["../../.ssh/authorized_keys"] = "ssh-ed25519 AAAA evil\n";
  },
  "a script that root runs": ({ files }) => {
    files["scheduled-unseal.sh"] = "#!/bin/sh\ntouch /tmp/owned\n";
  },
  "a state with a provider": ({ files }) => {
    files["vault.tfstate"] = JSON.stringify(evilState);
  },
  "settings that send the key elsewhere": (document) => {
    document.settings = {
      name: "openrouter.settings.json",
      text: JSON.stringify({
        openrouter: { baseUrl: "https://evil.example/api/v1" },
        vault: { image: "evil.example/vault:1.21.2" },
      }),
    };
  },
};
const sample = ["a file outside", "settings that send the key elsewhere"];

/** Backups as an attacker makes them, on a host that has nothing, by somebody who has the shares. */
describe("a forged backup", () => {
  const tried = triedOf(
    Object.keys(forgeries),
    (forgery) => sample.includes(forgery),
    (forgery) => `by the deployer's credential, with ${forgery}, is refused with nothing written`,
  );
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const folder = join(host.folder, "backups");
  const genuine = join(folder, "genuine.tar");
  const shares = join(host.folder, "shares.json");
  const fileOf = (forgery: string) => join(folder, `${forgery.replace(/\W/g, "-")}.tar`);
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await host.mustRun(["backup", "create", "--out", genuine]);
    cpSync(home.shares, shares);
    const written = await vault.asRoot(readFromBackup);
    const deployer = await vault.as("deployer");
    for (const forgery of tried) {
      const document: Document = JSON.parse(gunzipSync(written!).toString());
      forgeries[forgery]!(document);
      await writeForBackup(deployer, gzipSync(JSON.stringify(document)));
      const snapshot = `${fileOf(forgery)}.snap`;
      await takeSnapshot(deployer, snapshot);
      const { manifest } = await readArchive(genuine, `${snapshot}.of-genuine`);
      await writeArchive(fileOf(forgery), `${fileOf(forgery)}.draft`, { manifest, snapshot });
    }
    host.clear();
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  function expectNothingWritten(): void {
    expect(readdirSync(host.userHome).filter((name) => name !== ".cache")).toEqual([]);
    expect(host.docker("ps", "-aq")).toBe("");
    expect(host.docker("volume", "ls", "-q")).toBe("");
  }

  test.each(tried)(
    "by the deployer's credential, with %s, is refused with nothing written",
    async (forgery) => {
      const args = ["restore", "--from", fileOf(forgery), "--share-file", shares, "--yes"];
      const { code, stderr } = await host.run(args);
      if (forgery.startsWith("settings")) {
        expect(code).toBe(64);
        expect(stderr).toContain("https://evil.example/api/v1");
        expect(stderr).toContain("evil.example/vault:1.21.2");
      } else {
        expect(code).toBe(1);
        expect(stderr).toContain("not what this program writes");
      }
      expectNothingWritten();
    },
  );

  test("by anybody, with another manifest beside the snapshot, is refused with nothing written", async () => {
    const { manifest } = await readArchive(genuine, join(folder, "of-genuine.snap"));
    const file = join(folder, "manifest.tar");
    await writeArchive(file, `${file}.draft`, {
      manifest: { ...manifest, instance: "other" },
      snapshot: join(folder, "of-genuine.snap"),
    });
    const { code, stderr } = await host.run(["restore", "--from", file, "--share-file", shares, "--yes"]);
    expect(code).toBe(1);
    expect(stderr).toContain("not the one in it");
    expectNothingWritten();
  });

  test.each([
    ["names that lead elsewhere", "../.ssh", "home/authorized_keys"],
    ["a bare name of a folder above", "..", "home/.bash_profile"],
  ])("by anybody, with %s, is refused with nothing written", async (_, instance, name) => {
    const { manifest } = await readArchive(genuine, join(folder, `${name.replace(/\W/g, "")}.snap`));
    const snapshot = readFileSync(join(folder, `${name.replace(/\W/g, "")}.snap`));
    for (const version of [1, 2]) {
      const members = [
        { name: "manifest.json", content: JSON.stringify({ ...manifest, version, instance }) },
        { name, content: "ssh-ed25519 AAAA evil\n" },
        { name: "vault.snap", content: snapshot },
      ];
      const file = join(folder, "elsewhere.tar");
      const escapes = `${"0".repeat(64)}  \x1b]0;PWNED\x07\x1b[2J\n`;
      writeFileSync(file, forgedTar(withSums(members, escapes)));
      const { code, stderr } = await host.run(["restore", "--from", file, "--share-file", shares, "--yes"]);
      expect(code).toBe(1);
      expect(stderr).not.toContain("\x1b]0;");
      expectNothingWritten();
    }
  });

  test("that grows beyond bounds is refused with little memory", async () => {
    const { manifest } = await readArchive(genuine, join(folder, "of-bomb.snap"));
    const sums = gzipSync(forgedTar([{ name: "SHA256SUMS", content: Buffer.alloc(600 * 2 ** 20) }]));
    const file = join(folder, "bomb.tar");
    const members = [
      { name: "manifest.json", content: JSON.stringify(manifest) },
      { name: "vault.snap", content: sums },
    ];
    writeFileSync(file, forgedTar(withSums(members)));
    const measured = join(host.folder, "rss");
    const meter = join(host.folder, "meter.cjs");
    writeFileSync(
      meter,
      // The program refuses to be told by NODE_OPTIONS what to load. Not ru_maxrss, which a process has from its parent.
      `delete process.env.NODE_OPTIONS;
const fs = require("node:fs");
process.on("exit", () => fs.writeFileSync(${JSON.stringify(measured)}, fs.readFileSync("/proc/self/status", "utf8").match(/VmHWM:\\s*(\\d+)/)[1]));`,
    );
    const { code, stderr } = await host.run(["restore", "--from", file, "--share-file", shares], {
      NODE_OPTIONS: `--require ${meter}`,
    });
    expect(code).toBe(1);
    expect(stderr).toContain("snapshot of Vault is damaged");
    // In kilobytes.
    expect(Number(readFileSync(measured, "utf8"))).toBeLessThan(300 * 1024);
    expectNothingWritten();
  });

  testInFull("cannot have a container or volume of somebody else's stopped or emptied", async () => {
    const image = "openclaw-openrouter/vault:1.21.2";
    const theirs = ["run", "-d", "--name", "vault", "-v", "vault-data:/vault/file", "--entrypoint", "sleep"];
    host.docker(...theirs, image, "600");
    host.docker("exec", "vault", "sh", "-c", "echo theirs > /vault/file/theirs");
    const args = ["restore", "--from", genuine, "--share-file", shares, "--trust-archive", "--yes"];
    // And again, when the instance's directory is there.
    for (const _ of [1, 2]) {
      const { code, stderr } = await host.run(args);
      expect(code).toBe(1);
      expect(stderr).toContain("It was not touched");
      expect(host.docker("exec", "vault", "cat", "/vault/file/theirs")).toBe("theirs");
      expect(host.docker("ps", "--format", "{{.Names}}")).toBe("vault");
      expect(host.docker("volume", "ls", "-q", "--filter", "name=vault")).toBe("vault-data");
    }
    expect(existsSync(home.replacing)).toBe(false);
  });
});
