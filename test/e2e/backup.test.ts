import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { z } from "zod";
import { DeployedHost, deployedKey } from "./support/deployed";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();

/** Backups, and whether they can be restored. */
describe("a backup", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  const folder = join(host.userHome, "backups");
  const plain = join(folder, "plain.tar");
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await vault.asRoot((root) =>
      root.call(
        { method: "POST", path: "secret/data/discord", body: { data: { token: "of-another" } } },
        anything,
      ),
    );
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  /** Containers and volumes of the engine, by name or id. */
  const things = () => [host.docker("ps", "-aq"), host.docker("volume", "ls", "-q")];

  test("is one file of mode 600 with its checksum, and holds neither key nor shares", async () => {
    const { stdout } = await host.mustRun(["backup", "create", "--out", plain, "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      file: plain,
      seal: "shamir",
      generation: 1,
      backup: { withShares: false },
    });
    expect(statSync(plain).mode & 0o777).toBe(0o600);
    const text = readFileSync(plain, "latin1");
    const { shares } = JSON.parse(readFileSync(home.shares, "utf8"));
    for (const secret of [key, "of-another", ...shares]) expect(text).not.toContain(secret);
  });

  test("restores, and nothing of the drill is left", async () => {
    const before = things();
    const { stdout, stderr } = await host.mustRun(["backup", "verify", plain, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ file: plain, readBy: "reader", secret: { version: 1 } });
    expect(stderr).toContain("restores");
    expect(things()).toEqual(before);
  });

  test("with shares has them encrypted, and restores with what is in it alone if it is trusted", async () => {
    const identity = await generateIdentity();
    const identityFile = join(host.folder, "identity.txt");
    writeFileSync(identityFile, `# of a test\n${identity}\n`);
    const to = await identityToRecipient(identity);
    const options = ["--out", `${folder}/`, "--with-shares", "--recipient", to, "--json"];
    const { stdout } = await host.mustRun(["backup", "create", ...options]);
    const { file } = JSON.parse(stdout);
    expect(file).toMatch(/default-\d{8}T\d{6}Z\.tar$/);
    const { shares } = JSON.parse(readFileSync(home.shares, "utf8"));
    for (const share of shares) expect(readFileSync(file, "latin1")).not.toContain(share);
    renameSync(home.shares, `${home.shares}.away`);
    try {
      const verify = ["backup", "verify", file, "--identity-file", identityFile];
      const refused = await host.run(verify);
      expect(refused.code).toBe(64);
      expect(refused.stderr).toContain("which prove nothing about its maker");
      const trusted = await host.mustRun([...verify, "--trust-archive", "--json"]);
      expect(JSON.parse(trusted.stdout)).toMatchObject({ proved: false });
    } finally {
      renameSync(`${home.shares}.away`, home.shares);
    }
    // The shares of this host prove it, and its own are left alone.
    expect(JSON.parse((await host.mustRun(["backup", "verify", file, "--json"])).stdout)).toMatchObject({
      proved: true,
    });
  });

  test("with shares and nothing to encrypt it with is wrong usage", async () => {
    const { code, stderr } = await host.run([
      "backup",
      "create",
      "--with-shares",
      "--out",
      join(folder, "open.tar"),
    ]);
    expect(code).toBe(64);
    expect(stderr).toContain("--recipient");
    expect(existsSync(join(folder, "open.tar"))).toBe(false);
  });

  test.each([
    ["interrupted", (path: string) => truncateSync(path, statSync(path).size - 2048), "damaged"],
    ["with a changed byte", (path: string) => corrupt(path), "damaged"],
    ["of something else", (path: string) => writeFileSync(path, "hello"), "damaged"],
  ])("%s is refused with nothing changed", async (_, spoil, said) => {
    const spoilt = join(folder, "spoilt.tar");
    copyFileSync(plain, spoilt);
    spoil(spoilt);
    const before = [...things(), vault.started()];
    const { code, stderr } = await host.run(["backup", "verify", spoilt]);
    expect(code).toBe(1);
    expect(stderr).toContain(said);
    expect([...things(), vault.started()]).toEqual(before);
  });

  test("--keep removes our older ones in that folder, and nothing else there", async () => {
    const other = join(host.folder, "kept");
    for (const name of ["a", "b", "c"])
      await host.mustRun(["backup", "create", "--out", join(other, `${name}.tar`)]);
    writeFileSync(join(other, "mine.tar"), "");
    await host.mustRun(["backup", "create", "--out", `${other}/`, "--keep", "2"]);
    expect(readdirSync(other).sort()).toEqual([
      "c.tar",
      expect.stringMatching(/^default-.*\.tar$/),
      "mine.tar",
    ]);
  });
});

function corrupt(path: string): void {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle]! ^ 0xff;
  writeFileSync(path, bytes);
}
