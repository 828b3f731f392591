import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBackups, writeBackups } from "../../lib/store/records/backup-record";
import { readShares } from "../../lib/vault/shares/shares-file";
import { type Holder, makeHolder } from "../support/pgp";
import { DeployedHost, deployedKey } from "./support/deployed";
import { testInFull } from "./support/full";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { runOnTerminal } from "./support/terminal";
import { TestVault } from "./support/vault";

/** Shares that go from the host to people. */
describe("shares", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  const carried = join(host.folder, "carried");
  let shares: string[] = [];
  let holders: Holder[] = [];
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    shares = readShares(home.shares)!.shares;
    holders = await Promise.all(["Anna", "Ben", "Cleo"].map((name) => makeHolder(host.folder, name)));
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  function settings(vaultSettings: object): void {
    host.writeSettings("default", { vault: vaultSettings, openrouter: { baseUrl: openrouter.baseUrl } });
  }

  const status = async () => JSON.parse((await host.mustRun(["shares", "status", "--json"])).stdout);
  const check = async () => {
    const { stdout } = await host.run(["check", "--json", "--only", "vault.shares"]);
    return JSON.parse(stdout).results.find(({ id }: { id: string }) => id === "vault.shares");
  };

  /** A file with some of the shares, as holders give them back. */
  function givenBack(...numbers: number[]): string {
    const path = join(host.folder, `given-${numbers.join("-")}`);
    writeFileSync(path, numbers.map((number) => `${shares[number - 1]}\n`).join(""));
    return path;
  }

  test("lie on the host first, which status tells and check warns of, with the way out", async () => {
    expect(await status()).toMatchObject({
      mode: "on-host",
      seal: "shamir",
      generation: 1,
      threshold: 3,
      shares: [1, 2, 3, 4, 5].map((share) => ({ share, where: home.shares })),
    });
    expect(await check()).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("for 0 days now"),
      fix: expect.stringContaining("shares export"),
    });
  });

  test("are exported to people's OpenPGP keys, a file each, and no other text of them is left", async () => {
    const keys = holders.flatMap(({ file }) => ["--pgp-key", file]);
    const { stdout, stderr } = await host.mustRun(["shares", "export", ...keys, "--out", carried, "--json"]);
    const { written } = JSON.parse(stdout);
    expect(written).toHaveLength(5);
    expect(statSync(carried).mode & 0o777).toBe(0o700);
    for (const [index, each] of written.entries()) {
      const holder = holders[index % 3]!;
      expect(each).toMatchObject({
        share: index + 1,
        holder: holder.name,
        fingerprint: holder.fingerprint,
      });
      expect(statSync(each.file).mode & 0o777).toBe(0o600);
      expect(await holder.decrypt(readFileSync(each.file, "utf8"))).toBe(`${shares[index]}\n`);
    }
    const texts = [
      stdout,
      stderr,
      ...readdirSync(carried).map((name) => readFileSync(join(carried, name), "utf8")),
    ];
    for (const text of texts) for (const share of shares) expect(text).not.toContain(share);
    expect(existsSync(home.shares)).toBe(true);
  });

  test.each([
    ["into a folder that is there", ["--out", carried], "it exists"],
    ["without a folder", [], "--out DIR"],
  ])("are not exported %s", async (_, args, problem) => {
    const { code, stderr } = await host.run(["shares", "export", "--pgp-key", holders[0]!.file, ...args]);
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining(problem) });
  });

  test("are shown on a terminal alone, one after the other", async () => {
    const refused = await host.run(["shares", "export"]);
    expect({ ...refused }).toMatchObject({ code: 64, stderr: expect.stringContaining("on a terminal only") });
    const names = ["Anna", "Ben", "Cleo", "Dora", "Emil"];
    const { code, screen } = await runOnTerminal(
      host,
      ["shares", "export", ...names.flatMap((name) => ["--holder", name])],
      names.map((name) => ({ to: new RegExp(`for ${name}\\.[^]*Taken down`), type: "y" })),
    );
    expect(code).toBe(0);
    for (const share of shares) expect(screen).toContain(share);
    // All of it on the second screen, which leaves nothing in the scrollback.
    const after = screen.slice(screen.lastIndexOf("\u001b[?1049l"));
    for (const share of shares) expect(after).not.toContain(share);
    expect((await status()).shares[3]).toEqual({
      share: 4,
      where: `${home.shares}; distributed to Dora`,
    });
  });

  test("are shown no longer once somebody presses Ctrl-C", async () => {
    const { code, screen } = await runOnTerminal(
      host,
      ["shares", "export"],
      [{ to: /Taken down/, type: "\u0003" }],
    );
    expect(code).toBe(130);
    expect(screen).toContain(shares[0]);
    expect(screen).not.toContain(shares[1]);
    expect(screen).toContain("\u001b[?1049l");
    expect(screen).not.toContain("defect");
  });

  test("are not forgotten before enough of them were given back and tried", async () => {
    const wrong = join(host.folder, "wrong");
    writeFileSync(wrong, [1, 2, 3].map((n) => Buffer.alloc(33, n).toString("base64")).join("\n"));
    const attempts: [string[], number, string][] = [
      [["--share-file", givenBack(1, 2)], 64, "3 different unseal key shares"],
      [["--share-file", wrong], 1, "do not make a root token"],
      [["--share-file", home.shares], 64, "is in the instance directory"],
      [[], 64, "Nobody can be asked"],
    ];
    for (const [args, code, problem] of attempts) {
      const refused = await host.run(["shares", "remove", "--yes", ...args]);
      expect({ args, ...refused }).toMatchObject({ code, stderr: expect.stringContaining(problem) });
    }
    expect(readShares(home.shares)?.shares).toEqual(shares);
  });

  test("are forgotten then, and the backups that they open are named", async () => {
    const file = join(host.folder, "of-monday.backup");
    writeFileSync(file, "");
    const created = new Date().toISOString();
    writeBackups(home, [{ file, created, sha256: "0", clusterId: "c", seal: "shamir", generation: 1 }]);
    const { stderr } = await host.mustRun([
      ...["shares", "remove", "--yes", "--backup"],
      ...["--share-file", givenBack(2), "--share-file", givenBack(4), "--share-file", givenBack(5)],
    ]);
    expect(stderr).toContain(file);
    const fresh = readBackups(home).at(-1)!;
    expect(fresh).toMatchObject({ generation: 1, seal: "shamir" });
    expect(stderr).toContain(`  - ${fresh.file}`);
    expect(existsSync(home.shares)).toBe(false);
    expect(await status()).toMatchObject({
      mode: "manual",
      generation: 1,
      shares: expect.arrayContaining([{ share: 4, where: "Dora" }]),
      movedOff: expect.any(String),
    });
    expect(await check()).toMatchObject({
      status: "pass",
      summary: expect.stringContaining("off this host"),
    });
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
  });

  test("a reboot then needs people: commands say whom, and check does not start what it cannot open", async () => {
    host.docker("restart", "vault");
    for (const args of [["up"], ["key", "rotate", "--key-stdin"], ["vault", "unseal"]]) {
      const { code, stderr } = await host.run(args, {}, newKey());
      expect({ args, code, stderr }).toEqual({
        args,
        code: 1,
        stderr: expect.stringContaining("Anna, Ben, Cleo, Dora, Emil"),
      });
    }
    const { stdout } = await host.run(["check", "--json"]);
    expect(JSON.parse(stdout).results).toContainEqual(
      expect.objectContaining({ id: "vault.unsealed", status: "fail" }),
    );
  });

  test("a typed threshold opens it", async () => {
    const typed = [3, 1, 5].map((number, index) => ({
      to: new RegExp(`share ${index + 1} of 3`),
      type: shares[number - 1]!,
    }));
    const { code, screen } = await runOnTerminal(host, ["up"], typed);
    expect({ code, screen }).toMatchObject({ code: 0 });
    for (const share of shares) expect(screen).not.toContain(share);
    expect(vault.key()).toBe(key);
  });

  testInFull("a container that a deploy replaces is opened with what people gave to the deploy", async () => {
    settings({ telemetry: true });
    const before = vault.started();
    const refused = await host.run(["up"]);
    expect(refused.code).toBe(1);
    await host.mustRun(["up", "--share-file", givenBack(1, 2, 3)]);
    expect(vault.started()).not.toBe(before);
    expect(vault.key()).toBe(key);
    expect(existsSync(home.shares)).toBe(false);
  });

  test("a lost volume is not taken for a Vault that never had shares", async () => {
    host.docker("rm", "-f", "vault");
    host.docker("volume", "rm", "vault-data");
    const { code, stderr } = await host.run(["up"]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is gone|is empty, but/),
    });
    expect(existsSync(home.shares)).toBe(false);
  });
});
