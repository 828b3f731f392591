import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { homePaths } from "../../lib/model/home-paths";
import { identities } from "../../lib/model/vault/identities";
import { askResolver } from "../../lib/openclaw/ask-resolver";
import { sharesRecord } from "../../lib/store/records/shares-record";
import type { VaultRequest } from "../../lib/vault/client";
import { readShares } from "../../lib/vault/shares/shares-file";
import { DeployedHost, deployedKey } from "./support/deployed";
import { describeInFull, testInFull, triedOf } from "./support/full";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();

/** Identities that are lost, and people who need a token. */
describe("recovery", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const elsewhere = join(host.folder, "shares.txt");
  const key = deployedKey;
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await vault.asRoot(async (root) => {
      const foreign = { policy: 'path "secret/data/app" { capabilities = ["read"] }' };
      await root.call({ method: "PUT", path: "sys/policies/acl/app", body: foreign }, anything);
    });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  async function expectWhole(): Promise<void> {
    for (const identity of ["deployer", "reader", "auditor"] as const) await vault.as(identity);
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
    expect(vault.key()).toBe(key);
    const resolved = await askResolver({ folder: join(host.userHome, ".openclaw") }, vault.place);
    expect(resolved).toEqual({ key });
    const { stdout } = await host.mustRun(["up", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: false,
      check: { outcome: expect.stringMatching(/pass|warn/) },
    });
  }

  const tried = triedOf(
    ["deployer", "reader", "auditor"] as const,
    (identity) => identity === "deployer",
    (identity) => `up fixes a lost credential of the ${identity} by itself`,
  );
  test.each(tried)("up fixes a lost credential of the %s by itself", async (identity) => {
    rmSync(home.credentials(identity), { recursive: true });
    await host.mustRun(["up"]);
    await expectWhole();
  });

  testInFull("up writes a policy that is older than this version needs", async () => {
    const path = `sys/policies/acl/${identities.deployer.role}`;
    const old = 'path "sys/mounts/secret" { capabilities = ["read"] }';
    await vault.asRoot((root) => root.call({ method: "PUT", path, body: { policy: old } }, anything));
    await host.mustRun(["up"]);
    await expectWhole();
  });

  /** What somebody with a root token may have done, and what `up` calls it. */
  const changes: readonly { readonly request: VaultRequest; readonly told: string }[] = [
    {
      request: {
        method: "POST",
        path: `auth/approle/role/${identities.auditor.role}`,
        body: { bind_secret_id: false, token_bound_cidrs: ["0.0.0.0/0"] },
      },
      told: "role openclaw-auditor (bind_secret_id, token_bound_cidrs)",
    },
    { request: { method: "DELETE", path: "sys/audit/file" }, told: "audit device file/ (off)" },
    {
      request: {
        method: "POST",
        path: "sys/mounts/secret/tune",
        body: { audit_non_hmac_response_keys: ["data"], description: "x" },
      },
      told: "mount secret/ (description, config.audit_non_hmac_response_keys)",
    },
  ];
  const changeByHand = (shares?: string) =>
    vault.asRoot(async (root) => {
      for (const { request } of changes) await root.call(request, anything);
    }, shares);
  const findings = async (): Promise<{ id: string; fix: { by: string; command: string } }[]> =>
    JSON.parse((await host.run(["drift", "--json"])).stdout).findings;

  test("up writes again what was changed by hand of role, audit device and mount", async () => {
    await changeByHand();
    const { stderr } = await host.mustRun(["up"]);
    expect(stderr).toContain("identities written");
    expect(await findings()).toEqual([]);
    await expectWhole();
  });

  testInFull("recover writes them again where all is well, too", async () => {
    const { stderr } = await host.mustRun(["vault", "renew-identities"]);
    expect(stderr).toContain("the root token is revoked");
    await expectWhole();
  });

  describeInFull("with the shares off this host", () => {
    beforeAll(() => {
      const { shares, threshold, generation, created } = readShares(home.shares)!;
      writeFileSync(
        elsewhere,
        shares
          .slice(2)
          .map((share, n) => `Unseal Key ${n + 3}: ${share}\n`)
          .join(""),
      );
      renameSync(home.shares, join(host.folder, "shares.json"));
      // As `shares remove` leaves it.
      const moved = { shares: shares.length, threshold, generation, created, holders: [], movedOff: created };
      sharesRecord.write(homePaths(home.root), moved);
    });
    afterAll(() => {
      renameSync(join(host.folder, "shares.json"), home.shares);
      sharesRecord.remove(homePaths(home.root));
    });

    test("a lost credential is a stop that names the way, and recover takes the shares from a file", async () => {
      rmSync(home.credentials("reader"), { recursive: true });
      const { code, stderr } = await host.run(["up"]);
      expect({ code, stderr }).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("renew-identities"),
      });
      await host.mustRun(["vault", "renew-identities", "--share-file", elsewhere]);
      await expectWhole();
    });

    test("what was changed by hand is a stop of up, and drift says what puts it right", async () => {
      await changeByHand(join(host.folder, "shares.json"));
      const { code, stderr } = await host.run(["up"]);
      expect(code).toBe(1);
      for (const { told } of changes) expect(stderr.replace(/\s+/g, " ")).toContain(told);
      expect(stderr).toContain("openclaw-openrouter vault renew-identities");
      expect(stderr).not.toContain("403");
      const fixed = await host.run(["drift", "--fix", "--yes"]);
      expect({ code: fixed.code, stderr: fixed.stderr }).toMatchObject({ code: 2 });
      expect(fixed.stderr).not.toContain("403");
      const found = await findings();
      expect(found.map(({ id }) => id)).toEqual(
        expect.arrayContaining(["vault.audit", "vault.role:openclaw-auditor:bind_secret_id"]),
      );
      for (const { fix } of found)
        expect(fix).toEqual({
          by: "person",
          command: expect.stringContaining("openclaw-openrouter vault renew-identities"),
        });
      await host.mustRun(["vault", "renew-identities", "--share-file", elsewhere]);
      expect(await findings()).toEqual([]);
      await expectWhole();
    });

    test("unseal takes them from a file as well", async () => {
      host.docker("restart", "vault");
      expect((await host.run(["vault", "unseal"])).code).toBe(1);
      await host.mustRun(["vault", "unseal", "--share-file", elsewhere]);
      await expectWhole();
    });

    test("too few of them, or others, are refused without being shown", async () => {
      const wrong = join(host.folder, "wrong.txt");
      writeFileSync(wrong, `${Buffer.alloc(33, 1).toString("base64")}\n`);
      const few = await host.run(["vault", "renew-identities", "--share-file", wrong]);
      expect(few).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("3 different unseal key shares"),
      });
      const shares = [1, 2, 3].map((n) => Buffer.alloc(33, n).toString("base64"));
      writeFileSync(wrong, shares.join("\n"));
      const others = await host.run(["vault", "renew-identities", "--share-file", wrong]);
      expect(others).toMatchObject({ code: 1, stderr: expect.stringContaining("do not make a root token") });
      for (const share of shares) expect(few.stderr + others.stderr).not.toContain(share);
      await expectWhole();
    });

    test("login makes a person's token by them", async () => {
      const { stdout } = await host.mustRun(["vault", "login", "--ttl", "1m", "--share-file", elsewhere]);
      expect(stdout).toMatch(/^hvs\.\S+\n$/);
    });
  });

  test("a person's token keeps the secrets, and can do nothing to policies, identities and itself", async () => {
    const { stdout } = await host.mustRun(["vault", "login", "--ttl", "1h", "--json"]);
    const { token, expires } = JSON.parse(stdout);
    expect(Date.parse(expires) - Date.now()).toBeLessThanOrEqual(3_600_000);
    const operator = vault.client.withToken(token);
    const call = (method: "GET" | "LIST" | "PUT" | "POST" | "DELETE", path: string, body?: object) =>
      operator.call({ method, path, ...(body ? { body } : {}) }, anything);
    await call("POST", "secret/data/database", { data: { password: "p" } });
    await call("GET", "secret/data/database");
    await call("LIST", "secret/metadata");
    await call("DELETE", "secret/metadata/database");

    const refused: Parameters<typeof call>[] = [
      ["PUT", "sys/policies/acl/openclaw-operator", { policy: 'path "*" { capabilities = ["sudo"] }' }],
      ["GET", "sys/policies/acl/openclaw-deployer"],
      ["POST", "auth/token/create", {}],
      ["POST", "auth/token/renew-self", {}],
      ["POST", "auth/approle/role/openclaw-reader/secret-id", {}],
      ["GET", "sys/mounts"],
    ];
    for (const request of refused) await expect(call(...request)).rejects.toMatchObject({ status: 403 });
    expect(await vault.tokenPolicies()).toContainEqual(["openclaw-operator"]);
    await expectWhole();
  });

  test("what else is in that Vault stays", async () => {
    const shape = z.object({ data: z.object({ policy: z.string() }) });
    const { data } = await vault.asRoot((root) => root.call({ path: "sys/policies/acl/app" }, shape));
    expect(data.policy).toContain("secret/data/app");
  });
});
