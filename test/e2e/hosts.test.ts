import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Invitation, parseInvitation, renderInvitation } from "../../lib/model/invitation";
import { managementClient } from "../../lib/openrouter/management";
import { readHosts } from "../../lib/store/records/hosts-record";
import type { VaultClient } from "../../lib/vault/client";
import { logInWith } from "../../lib/vault/log-in";
import { anything } from "../../lib/vault/schemas";
import { makeCertificate } from "../support/certificate";
import { DeployedHost } from "./support/deployed";
import { testInFull } from "./support/full";
import type { RunOutcome } from "./support/host";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts, reads } from "./support/other-hosts";
import { TestVault } from "./support/vault";

/** Other OpenClaw hosts on one Vault: each has a user's home of its own, and neither an engine nor Terraform. */
describe("hosts that join a Vault", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const others = new OtherHosts(host);
  const keys = { web1: newKey(), web2: newKey(), web3: newKey() };
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore(...Object.values(keys));
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  async function invite(name: keyof typeof keys, ...more: string[]): Promise<string> {
    const args = ["host", "invite", name, "--any-address", "--key-stdin", ...more];
    return (await host.mustRun(args, {}, keys[name])).stdout.trim();
  }
  const read = (text: string) => parseInvitation(text) as Invitation;

  function expectStop(outcome: RunOutcome, code: number, ...says: (string | RegExp)[]): void {
    for (const text of says) expect(outcome.stderr).toMatch(text);
    expect(outcome.stderr).not.toContain("defect");
    expect(outcome.code).toBe(code);
  }

  describe("one that is invited", () => {
    let invitation = "";

    test("gets a word that holds neither the key nor the secret id", async () => {
      invitation = await invite("web1");
      expect(invitation).toMatch(/^openclaw-invitation-1\.[\w-]+\.[0-9a-f]{8}$/);
      expect(Buffer.from(invitation.split(".")[1] ?? "", "base64url").toString()).not.toContain(keys.web1);
      expect(await vault.tokenPolicies()).not.toContainEqual(["root"]);
    });

    test("an altered one is refused before anything is taken from it", async () => {
      const whole = read(invitation);
      const other = whole.token.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
      const path = "auth/approle/role/openclaw-deployer/role-id";
      const ofDeployer = await vault.asRoot((client) => client.call({ path, wrapSeconds: 60 }, anything));
      const { token } = (ofDeployer as { wrap_info: { token: string } }).wrap_info;
      const table: readonly [what: string, text: string, code: number, says: string][] = [
        ["cut short", invitation.slice(0, -20), 64, "a part of it is missing"],
        ["another word", "sk-or-v1-abc", 64, "does not begin with openclaw-invitation-1"],
        ["an unknown token", renderInvitation({ ...whole, token: other }), 1, "was used before"],
        [
          "an answer about the deployer",
          renderInvitation({ ...whole, token }),
          1,
          "something else than a host's credential",
        ],
        ["another role", renderInvitation({ ...whole, role: "openclaw-deployer" }), 1, "something else than"],
        [
          "without its CA",
          renderInvitation({ ...whole, ca: undefined } as never),
          1,
          "does not show by its certificate",
        ],
      ];
      for (const [, text, code, says] of table)
        expectStop(await others.run("web1", ["host", "join"], text), code, says);
      expect(readHosts(host.home("default")).hosts.map(({ name }) => name)).toEqual(["web1"]);
    });

    test("does not take the place of a deployed instance", async () => {
      const outcome = await host.run(["host", "join"], {}, invitation);
      expectStop(outcome, 1, "was deployed on this host", "--instance NAME");
      expect((await host.run(["check", "--no-spend"])).code).toBe(0);
    });

    test("joins without an engine, Terraform or root's files, and checks by a chat", async () => {
      const file = join(others.homeOf("web1"), "invitation");
      writeFileSync(file, `${invitation}\n`, { mode: 0o600 });
      const { stdout } = await others.mustRun("web1", ["host", "join", "--invitation-file", file, "--json"]);
      const { joined, check } = JSON.parse(stdout);
      expect({ joined, outcome: check.outcome }).toEqual({ joined: true, outcome: "pass" });
      const summaries = Object.fromEntries(
        (check.results as { id: string; summary: string }[]).map(({ id, summary }) => [id, summary]),
      );
      expect(summaries["vault.identities"]).toBe("the reader reads secret/openrouter/web1 and nothing else");
      expect(summaries["chat.default"]).toContain("OK");
      const fragment = join(others.homeOf("web1"), ".openclaw/openrouter.json5");
      expect(readFileSync(fragment, "utf8")).toContain('"OPENROUTER_SECRET": "secret/openrouter/web1"');
      expect(statSync(fragment).mode & 0o777).toBe(0o600);
    });

    test("a second run changes nothing, and a later one needs no invitation", async () => {
      for (const input of [invitation, ""]) {
        const { stderr } = await others.mustRun("web1", ["host", "join"], input);
        expect(stderr).toContain("nothing changed; the check passed");
      }
    });

    test("an invitation to another Vault is refused, and the CA by which it has joined stays", async () => {
      const ca = join(others.homeOf("web1"), ".openclaw-openrouter/default/joined-ca.pem");
      const before = readFileSync(ca, "utf8");
      const other = readFileSync(makeCertificate(host.folder, "another").caFile, "utf8");
      const forged = { ...read(invitation), address: "https://10.0.0.9:8200", ca: other };
      const outcome = await others.run("web1", ["host", "join"], renderInvitation(forged));
      expectStop(outcome, 1, "do not name the Vault of the invitation");
      expect(readFileSync(ca, "utf8")).toBe(before);
    });

    test("its gateway gets its own key from the resolver", async () => {
      expect(await others.resolve("web1")).toEqual({ "openrouter/api_key": keys.web1 });
    });

    test("has check, drift and status; all else refuses by name", async () => {
      expect((await others.run("web1", ["check"])).code).toBe(0);
      expect(JSON.parse((await others.mustRun("web1", ["drift", "--json"])).stdout)).toMatchObject({
        outcome: "clean",
        skipped: [],
      });
      expect(JSON.parse((await others.mustRun("web1", ["status", "--json"])).stdout).vault.kind).toBe(
        "external",
      );
      for (const command of [
        "up",
        "key rotate",
        "key limit",
        "backup create",
        "host invite web9 --any-address",
      ])
        expectStop(
          await others.run("web1", command.split(" ")),
          64,
          "is for the host that deployed the Vault",
          "joined it as web1",
        );
    });

    test("gets another key from the Vault's host, and changes nothing itself", async () => {
      const refused = await others.run("web1", ["key", "rotate"]);
      expectStop(refused, 64, "host rotate web1");
      const next = newKey();
      await openrouter.control.putKey({ key: next });
      const args = ["host", "rotate", "web1", "--key-stdin", "--json"];
      const before = others.credentialOf("web1");
      const { stdout } = await host.mustRun(args, {}, next);
      expect(JSON.parse(stdout).pendingCleanups.left).toHaveLength(1);
      expect(await others.resolve("web1")).toEqual({ "openrouter/api_key": next });
      expect(others.credentialOf("web1")).toEqual(before);
      expect((await others.run("web1", ["check", "--no-spend"])).code).toBe(0);
      expect((await others.run("web1", ["drift"])).code).toBe(0);
      expectStop(await host.run(args, {}, newKey()), 64, "cannot be the host's");
      expect(await others.resolve("web1")).toEqual({ "openrouter/api_key": next });
    });

    test("the same word is of no use to a thief, who is named as one", async () => {
      const outcome = await others.run("thief", ["host", "join"], invitation);
      expectStop(outcome, 1, "was used before", "stolen", "host evict web1");
      expect(others.credentialOf("thief")).toBeUndefined();
    });

    test("drift on the Vault's host expects it on its own path only", async () => {
      const drift = async () => JSON.parse((await host.run(["drift", "--json"])).stdout);
      expect(await drift()).toMatchObject({ outcome: "clean", findings: [] });
      await vault.asRoot((root) =>
        root.write("auth/approle/role/openclaw-host-web1", {
          token_policies: ["openclaw-host-web1", "openclaw-reader"],
        }),
      );
      const found = (await drift()).findings.map(({ id }: { id: string }) => id);
      expect(found).toEqual(["vault.role:openclaw-host-web1:token_policies"]);
      await vault.asRoot((root) =>
        root.write("auth/approle/role/openclaw-host-web1", { token_policies: ["openclaw-host-web1"] }),
      );
    });
  });

  test("a thief who is first is noticed by the host, and loses all by an eviction", async () => {
    const invitation = await invite("web2");
    await others.mustRun("thief", ["host", "join"], invitation);
    expectStop(
      await others.run("web2", ["host", "join"], invitation),
      1,
      "was used before",
      "host evict web2",
    );
    const stolen = await logInWith(vault.client, others.credentialOf("thief")!);
    expect(await reads(stolen as VaultClient, "secret/data/openrouter/web2")).toBe(true);
    // Isolation: each path but its own.
    for (const at of [
      "secret/data/openrouter",
      "secret/data/openrouter/web1",
      "secret/metadata/openrouter/web2",
    ])
      expect([at, await reads(stolen as VaultClient, at)]).toEqual([at, false]);
    const { stderr } = await host.mustRun(["host", "evict", "web2", "--yes"]);
    expect(stderr).toContain("still works");
    // The token that it holds, and a new login.
    expect(await reads(stolen as VaultClient, "secret/data/openrouter/web2")).toBe(false);
    expect(await logInWith(vault.client, others.credentialOf("thief")!)).toMatchObject({ status: 400 });
    expectStop(await others.run("thief", ["check"]), 1, "cannot log in");
    expect((await others.run("thief", ["drift"])).code).toBe(2);
    expect((await others.run("web1", ["check", "--no-spend"])).code).toBe(0);
    // The host that was robbed is invited again, and what the thief holds stays dead.
    await others.mustRun("web2", ["host", "join"], await invite("web2"));
    expect(await logInWith(vault.client, others.credentialOf("thief")!)).toMatchObject({ status: 400 });
    await host.mustRun(["host", "evict", "web2", "--yes"]);
  });

  testInFull("a management key makes a host's key with a limit, and an eviction disables it", async () => {
    const management = newKey();
    await openrouter.control.putKey({ key: management, management: true });
    const environment = { OPENROUTER_MANAGEMENT_KEY: management };
    const args = ["host", "invite", "made", "--any-address", "--limit-eur", "10"];
    const { stdout } = await host.mustRun(args, environment);
    expect((await others.mustRun("made", ["host", "join"], stdout)).stderr).toContain(
      "limit of 11.50 USD (10.00 EUR)",
    );
    const { baseUrl } = openrouter;
    const keysMade = async () =>
      (await managementClient({ baseUrl, key: management, timeoutSeconds: 10 }).list())
        .filter(({ name }) => name.includes("host made"))
        .map(({ disabled, limit }) => [disabled, limit]);
    await host.mustRun(["host", "rotate", "made"], environment);
    expect(await keysMade()).toEqual([
      [true, 11.5],
      [false, 11.5],
    ]);
    expect((await others.run("made", ["check"])).code).toBe(0);
    await host.mustRun(["host", "evict", "made", "--yes", "--purge"], environment);
    expect(await keysMade()).toEqual([
      [true, 11.5],
      [true, 11.5],
    ]);
  });

  test("an invitation that was not used before its end is told apart from a used one", async () => {
    const whole = read(await invite("web3"));
    const late = { ...whole, ends: new Date(Date.now() - 60_000).toISOString() };
    const { accessor } = readHosts(host.home("default")).hosts.find(({ name }) => name === "web3")!;
    await vault.asRoot((root) => root.write("auth/token/revoke-accessor", { accessor }));
    expectStop(await others.run("web3", ["host", "join"], renderInvitation(late)), 1, "has ended", "--again");
  });

  test("host list tells who has joined and logged in, what each may spend, and has spent", async () => {
    const management = newKey();
    await openrouter.control.putKey({ key: management, management: true });
    const environment = { OPENROUTER_MANAGEMENT_KEY: management };
    const { stdout } = await host.mustRun(["host", "list", "--json"], environment);
    const { stderr } = await host.mustRun(["host", "list"], environment);
    const { hosts, total } = JSON.parse(stdout);
    expect(hosts).toMatchObject([
      { name: "web1", state: "joined", lastLogin: expect.any(String), key: { limitUsd: 30 } },
      { name: "web3", state: "invitation ended", key: { limitUsd: 30, spentUsd: 0, disabled: false } },
    ]);
    expect(hosts[0].key.spentUsd).toBeGreaterThan(0);
    expect(hosts[1].lastLogin).toBeUndefined();
    expect(total).toEqual({ usd: 60 });
    expect(stdout).not.toMatch(/accessor|secret_id|roleId/);
    expect(stderr).toContain("web1");
    expect(stderr.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  testInFull("renewed identities leave the hosts' credentials alone", async () => {
    await host.mustRun(["vault", "renew-identities"]);
    expect((await others.run("web1", ["check", "--no-spend"])).code).toBe(0);
  });

  testInFull("an eviction outlives the restore of an older backup", async () => {
    const file = join(host.folder, "before.tar");
    await host.mustRun(["backup", "create", "--out", file]);
    const held = others.credentialOf("web1")!;
    await host.mustRun(["host", "evict", "web1", "--yes"]);
    await host.mustRun(["restore", "--from", file, "--yes"]);
    expect(await logInWith(vault.client, held)).toMatchObject({ status: 400 });
    expect((await others.run("web1", ["check"])).code).toBe(1);
    keys.web1 = newKey();
    await openrouter.control.putKey({ key: keys.web1 });
    await others.mustRun("web1", ["host", "join"], await invite("web1"));
  });

  test("destroy on a joined host leaves nothing of it there, and names the eviction", async () => {
    const { stderr } = await others.mustRun("web1", ["destroy", "--yes"]);
    expect(stderr).toContain("host evict web1");
    expect(others.credentialOf("web1")).toBeUndefined();
    expect((await others.run("web1", ["check"])).code).not.toBe(0);
  });
});
