import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeBackups } from "../../lib/store/records/backup-record";
import { readShares, type Shares } from "../../lib/vault/shares/shares-file";
import { unseal } from "../../lib/vault/unseal";
import { readSealStatus, waitForVault } from "../../lib/vault/wait";
import { type Holder, makeHolder } from "../support/pgp";
import { DeployedHost, deployedKey } from "./support/deployed";
import { describeInFull } from "./support/full";
import type { RunOutcome } from "./support/host";
import { Killer, type KillTime } from "./support/killer";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** Other shares instead of the active ones. */
describeInFull("shares rekey", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  const killer = new Killer(host.folder);
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const sharesHere = (): Shares => readShares(home.shares)!;
  const seal = () => readSealStatus(vault.client);

  async function restart(): Promise<void> {
    host.docker("restart", "vault");
    await waitForVault(vault.client);
  }

  async function expectOpens(shares: Pick<Shares, "shares" | "threshold">, opens: boolean): Promise<void> {
    await restart();
    const attempt = unseal(vault.client, shares);
    if (opens) await attempt;
    else await expect(attempt).rejects.toThrow("do not unseal");
  }

  async function rekey(args: string[] = [], time?: KillTime): Promise<RunOutcome> {
    const environment = time ? killer.environment(time) : {};
    return host.run(["shares", "rekey", "--json", ...args], environment);
  }

  test("keeps the new ones here, and the previous ones for the backups that they open", async () => {
    const before = sharesHere();
    const file = join(host.folder, "of-monday.backup");
    writeFileSync(file, "");
    const created = new Date().toISOString();
    const backup = { file, created, sha256: "0", clusterId: "c", seal: "shamir" };
    writeBackups(home, [{ ...backup, generation: 1 }]);
    const { code, stdout, stderr } = await rekey(["--shares", "3", "--threshold", "2"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(file) });
    expect(JSON.parse(stdout)).toMatchObject({ result: "done", generation: 2 });
    expect(sharesHere()).toMatchObject({ threshold: 2, generation: 2, shares: { length: 3 } });
    expect(readShares(join(home.sharesForBackups, "1.json"))).toEqual(before);
    await expectOpens(before, false);
    await expectOpens(sharesHere(), true);
    const { stdout: drift } = await host.run(["drift", "--json", "--no-network"]);
    expect(JSON.parse(drift).findings).toEqual([]);
    const { stdout: told } = await host.mustRun(["shares", "status", "--json"]);
    expect(JSON.parse(told).older).toEqual([
      { generation: 1, file: join(home.sharesForBackups, "1.json"), backups: [file] },
    ]);
    writeBackups(home, []);
  });

  /** Each thing that a rekey changes, with the program killed right after it. */
  test("killed at every moment: one generation opens Vault, and the next run settles it", async () => {
    expect(await rekey([], {})).toMatchObject({ code: 0 });
    const moments = killer.moments();
    const rows: string[] = [];
    for (const [index, moment] of moments.entries()) {
      const before = sharesHere();
      const killed = await rekey([], { at: index + 1 });
      expect({ moment, code: killed.code }).toEqual({ moment, code: null });
      // A reboot right then: what lies on the host opens Vault, by the command that a host runs at its start.
      if (index % 2 === 0) await restart();
      await host.mustRun(["vault", "unseal"]);
      const after = sharesHere();
      expect([before.generation, before.generation + 1]).toContain(after.generation);
      expect([existsSync(home.rekey), existsSync(home.nextShares)]).toEqual([false, false]);
      await expectOpens(after, true);
      expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
      rows.push(`| ${moment.padEnd(48)} | ${after.generation === before.generation ? "before" : "new   "} |`);
    }
    process.stderr.write(
      `\nshares rekey, killed at ${rows.length} of ${moments.length} moments\n| ${"killed right after".padEnd(48)} | active |\n${rows.join("\n")}\n`,
    );
  }, 900_000);

  describe("to people's OpenPGP keys", () => {
    let holders: Holder[] = [];
    const newShares = async (folder: string, json: string) => {
      const written: { file: string }[] = JSON.parse(json).written;
      expect(written.map(({ file }) => resolve(file, ".."))).toEqual(written.map(() => folder));
      return Promise.all(
        written.map(({ file }, index) => holders[index % 2]!.decrypt(readFileSync(file, "utf8"))),
      );
    };

    beforeAll(async () => {
      holders = await Promise.all(["Anna", "Ben"].map((name) => makeHolder(host.folder, name)));
    });

    async function begin(name: string): Promise<string[]> {
      const folder = join(host.folder, name);
      const keys = holders.flatMap(({ file }) => ["--pgp-key", file]);
      const { code, stdout, stderr } = await rekey([...keys, "--out", folder]);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(JSON.parse(stdout)).toMatchObject({ result: "waiting" });
      return newShares(folder, stdout);
    }

    function givenBack(...shares: string[]): string[] {
      return shares.flatMap((share, index) => {
        const file = join(host.folder, `given-back-${index}`);
        writeFileSync(file, share);
        return ["--new-share-file", file];
      });
    }

    test("waits for the new ones; a restart before that leaves all as it was", async () => {
      const before = sharesHere();
      const made = await begin("first");
      expect(made).toHaveLength(3);
      await expectOpens(before, true);
      const { code, stderr } = await rekey(givenBack(...made.slice(0, 2)));
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("no rekey under way"),
      });
      expect(sharesHere()).toEqual(before);
    });

    test("can be cancelled", async () => {
      const before = sharesHere();
      await begin("second");
      const { stdout } = await host.mustRun(["shares", "rekey", "--cancel", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({ result: "cancelled", generation: before.generation });
      await expectOpens(before, true);
    });

    test("refuses others, and is active once enough were given back: then none is on this host", async () => {
      const before = sharesHere();
      const made = await begin("third");
      const refused = await rekey(givenBack(...before.shares.slice(0, 2)));
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("not the new shares") });
      expect(sharesHere()).toEqual(before);
      const { code, stdout, stderr } = await rekey(givenBack(...made.slice(1)));
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(JSON.parse(stdout)).toMatchObject({ result: "done", generation: before.generation + 1 });
      expect(existsSync(home.shares)).toBe(false);
      await expectOpens(before, false);
      const { stdout: told } = await host.mustRun(["shares", "status", "--json"]);
      expect(JSON.parse(told)).toMatchObject({
        mode: "manual",
        shares: [{ where: holders[0]!.name }, {}, {}],
      });

      const files = givenBack(...made.slice(0, 2)).map((word) =>
        word.replace("--new-share-file", "--share-file"),
      );
      await host.mustRun(["vault", "unseal", ...files]);
      expect(await seal()).toMatchObject({ sealed: false });
      expect(vault.key()).toBe(key);
    });

    test("from then on those that people have make the next ones, and never put them on the host", async () => {
      const { code, stderr } = await rekey([]);
      expect({ code, stderr }).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("are not on this host"),
      });
      expect(existsSync(home.shares)).toBe(false);
    });
  });
});
