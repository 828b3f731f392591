import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KeyShares, readShares, type Shares } from "../../lib/vault/shares/shares-file";
import { unseal } from "../../lib/vault/unseal";
import { readSealStatus, waitForVault } from "../../lib/vault/wait";
import { DeployedHost, deployedKey } from "../e2e/support/deployed";
import { describeInFull } from "../e2e/support/full";
import { Killer } from "../e2e/support/killer";
import type { LocalOpenRouter } from "../e2e/support/openrouter";
import { TestVault } from "../e2e/support/vault";

/** Another user of this host. */
const stranger = 65534;

/**
 * The calls by which he disturbs what takes shares: Vault asks for no token to cancel, reset or begin it, and shows its nonce to
 * whoever wants to add shares of his own. In each round all of them, then a pause.
 */
const attack = `
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  const [address, pause] = process.argv.slice(1);
  const call = (method, path, body) =>
    fetch(address + "/v1/" + path, { method, body: body && JSON.stringify(body) })
      .then((answer) => answer.json())
      .catch(() => ({}));
  (async () => {
    for (let rounds = 0; ; rounds++) {
      const key = Buffer.alloc(33, rounds).toString("base64");
      const root = await call("GET", "sys/generate-root/attempt");
      if (rounds % 2 && root.nonce) await call("PUT", "sys/generate-root/update", { key, nonce: root.nonce });
      else await call("DELETE", "sys/generate-root/attempt");
      await call("PUT", "sys/unseal", rounds % 2 ? { key } : { reset: true });
      await call("DELETE", "sys/rekey/verify");
      const { nonce } = await call("GET", "sys/rekey/init");
      if (nonce) await call("DELETE", "sys/rekey/init", { nonce });
      else await call("PUT", "sys/rekey/init", { secret_shares: 1, secret_threshold: 1 });
      if (rounds === 0) process.stdout.write("begun");
      await new Promise((resolve) => setTimeout(resolve, Number(pause)));
    }
  })();
`;

/** A user who has no right to anything cancels attempts at Vault, while shares are given to it. */
describeInFull("attempts that another user of the host cancels", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  const killer = new Killer(host.folder);
  const attackers = new Set<ChildProcess>();
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
  });
  afterEach(endAttack);
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  /** @param pause between two rounds, in milliseconds */
  async function beginAttack(pause: number): Promise<void> {
    const child = spawn(process.execPath, ["-e", attack, vault.client.address, String(pause)], {
      uid: stranger,
      gid: stranger,
      cwd: "/",
      env: {},
      stdio: ["ignore", "pipe", "ignore"],
    });
    attackers.add(child);
    await once(child.stdout, "data");
  }

  async function endAttack(): Promise<void> {
    for (const child of attackers) {
      const ended = once(child, "exit");
      if (child.kill("SIGKILL")) await ended;
    }
    attackers.clear();
  }

  const sharesHere = (): Shares => readShares(home.shares)!;

  /** Every share on this host, by the file it lies in. */
  const shareFiles = () =>
    Object.fromEntries(
      readdirSync(home.root)
        .filter((name) => /^shares(-next)?\.json$/.test(name))
        .map((name) => [name, readFileSync(join(home.root, name), "utf8")]),
    );

  async function restart(): Promise<void> {
    host.docker("restart", vault.container);
    await waitForVault(vault.client);
  }

  async function expectOpens(shares: KeyShares): Promise<void> {
    await endAttack();
    await restart();
    await unseal(vault.client, shares);
    expect(await readSealStatus(vault.client)).toMatchObject({ sealed: false });
  }

  /** A rekey that is killed when the new shares came into force, or right before. */
  async function interruptRekey(active: "before" | "after"): Promise<void> {
    await host.mustRun(["shares", "rekey"], killer.environment());
    const moments = killer.moments();
    const last = moments.findLastIndex((moment) => /rekey\/verify answered/.test(moment));
    const at = active === "after" ? last + 1 : last;
    await host.run(["shares", "rekey"], killer.environment({ at }));
    expect(Object.keys(shareFiles())).toEqual(["shares-next.json", "shares.json"]);
  }

  test("an interrupted rekey loses no share, whatever is tried meanwhile", async () => {
    await interruptRekey("after");
    const [before, after] = [sharesHere(), readShares(home.nextShares)!];
    const files = shareFiles();
    await beginAttack(0);
    const disturbed = await host.run(["vault", "unseal"]);
    if (disturbed.code !== 0) {
      expect(disturbed.stderr).toContain("Somebody keeps cancelling");
      expect(disturbed.stderr).not.toContain("do not make");
      expect(shareFiles()).toEqual(files);
    }
    await endAttack();

    await beginAttack(100);
    await host.mustRun(["vault", "unseal"]);
    expect(existsSync(home.nextShares)).toBe(false);
    expect(sharesHere()).toMatchObject({ generation: before.generation + 1, shares: after.shares });
    await expectOpens(after);
  });

  test("an interrupted rekey whose shares never became active leaves the previous ones", async () => {
    await interruptRekey("before");
    const before = sharesHere();
    await beginAttack(100);
    await host.mustRun(["vault", "unseal"]);
    expect(sharesHere().shares).toEqual(before.shares);
    await expectOpens(before);
  });

  test("a sealed Vault is unsealed, identities are renewed and new shares made", async () => {
    await endAttack();
    await restart();
    await beginAttack(100);
    await host.mustRun(["vault", "unseal"]);
    await host.mustRun(["vault", "renew-identities"]);
    expect(vault.key()).toBe(key);
    // A rekey takes longer than either, and is begun again as a whole.
    await endAttack();
    await beginAttack(400);
    await host.mustRun(["shares", "rekey"]);
    await expectOpens(sharesHere());
  });

  test("wrong shares are reported as wrong shares, and the right ones are taken off the host", async () => {
    const held = sharesHere();
    const folder = host.folder;
    const file = (name: string, shares: readonly string[]) => {
      writeFileSync(join(folder, name), shares.join("\n"), { mode: 0o600 });
      return ["--share-file", join(folder, name)];
    };
    // Of the form of shares, and nobody's.
    const others = held.shares.map((share) => Buffer.from(share, "base64").reverse().toString("base64"));
    await beginAttack(100);
    const wrong = await host.run(["shares", "remove", "--yes", ...file("wrong", others)]);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("do not make a root token") });
    expect(sharesHere()).toEqual(held);
    await host.mustRun(["shares", "remove", "--yes", ...file("held", held.shares)]);
    expect(existsSync(home.shares)).toBe(false);
    await expectOpens(held);
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
  });
});
