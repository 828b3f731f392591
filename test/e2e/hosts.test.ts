import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Invitation, parseInvitation, renderInvitation } from "../../lib/model/invitation";
import { managementClient } from "../../lib/openrouter/management";
import { readCredential } from "../../lib/store/credentials";
import { readHosts } from "../../lib/store/records/hosts-record";
import { ifRefused, type VaultClient } from "../../lib/vault/client";
import { logInWith } from "../../lib/vault/log-in";
import { anything } from "../../lib/vault/schemas";
import { DeployedHost } from "./support/deployed";
import { testInFull } from "./support/full";
import type { RunOutcome } from "./support/host";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { pathWithout } from "./support/path-without";
import { TestVault } from "./support/vault";

/** Other OpenClaw hosts on one Vault: each has a user's home of its own, and neither an engine nor Terraform. */
describe("hosts that join a Vault", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const keys = { web1: newKey(), web2: newKey(), web3: newKey() };
  let openrouter: LocalOpenRouter;
  let path = "";

  beforeAll(async () => {
    openrouter = await host.restore(...Object.values(keys));
    path = `${join(host.folder, "bin")}:${pathWithout(host, "docker", "terraform", "tofu", "go")}`;
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const homeOf = (name: string) => join(host.folder, "others", name);

  /** Runs the program as on another host. */
  function on(name: string, args: readonly string[], input = ""): Promise<RunOutcome> {
    const home = homeOf(name);
    mkdirSync(home, { recursive: true });
    const environment = {
      ...{ HOME: home, PATH: path, DOCKER_HOST: undefined },
      OPENCLAW_OPENROUTER_PUBLIC: join(home, "public"),
      OPENCLAW_OPENROUTER_INSTALL: join(home, "installed"),
    };
    return host.run(args, environment, input);
  }
  async function onWell(name: string, args: readonly string[], input = ""): Promise<RunOutcome> {
    return mustPass(await on(name, args, input));
  }
  async function invite(name: keyof typeof keys, ...more: string[]): Promise<string> {
    const args = ["host", "invite", name, "--any-address", "--key-stdin", ...more];
    return (await host.mustRun(args, {}, keys[name])).stdout.trim();
  }
  const read = (text: string) => parseInvitation(text) as Invitation;
  const credentialOf = (name: string) => {
    const root = join(homeOf(name), ".openclaw-openrouter/default");
    return readCredential({ credentials: (id: string) => join(root, "credentials", id) } as never, "reader");
  };
  /** Whether a client may read a path. */
  const reads = (client: VaultClient, at: string) =>
    client.call({ path: at }, anything).then(
      () => true,
      ifRefused(403, () => false),
    );

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
        expectStop(await on("web1", ["host", "join"], text), code, says);
      expect(readHosts(host.home("default")).hosts.map(({ name }) => name)).toEqual(["web1"]);
    });

    test("does not take the place of a deployed instance", async () => {
      const outcome = await host.run(["host", "join"], {}, invitation);
      expectStop(outcome, 1, "was deployed on this host", "--instance NAME");
      expect((await host.run(["check", "--no-spend"])).code).toBe(0);
    });

    test("joins without an engine, Terraform or root's files, and checks by a chat", async () => {
      const file = join(homeOf("web1"), "invitation");
      writeFileSync(file, `${invitation}\n`, { mode: 0o600 });
      const { stdout } = await onWell("web1", ["host", "join", "--invitation-file", file, "--json"]);
      const { joined, check } = JSON.parse(stdout);
      expect({ joined, outcome: check.outcome }).toEqual({ joined: true, outcome: "pass" });
      const summaries = Object.fromEntries(
        (check.results as { id: string; summary: string }[]).map(({ id, summary }) => [id, summary]),
      );
      expect(summaries["vault.identities"]).toBe("the reader reads secret/openrouter/web1 and nothing else");
      expect(summaries["chat.default"]).toContain("OK");
      const fragment = join(homeOf("web1"), ".openclaw/openrouter.json5");
      expect(readFileSync(fragment, "utf8")).toContain('"OPENROUTER_SECRET": "secret/openrouter/web1"');
      expect(statSync(fragment).mode & 0o777).toBe(0o600);
    });

    test("a second run changes nothing, and a later one needs no invitation", async () => {
      for (const input of [invitation, ""]) {
        const { stderr } = await onWell("web1", ["host", "join"], input);
        expect(stderr).toContain("nothing changed; the check passed");
      }
    });

    test("its gateway gets its own key from the resolver", async () => {
      const folder = join(homeOf("web1"), ".openclaw/openclaw-openrouter");
      const request = { protocolVersion: 1, provider: "openclaw-openrouter", ids: ["openrouter/api_key"] };
      const { vault: place } = JSON.parse(
        readFileSync(join(homeOf("web1"), ".openclaw-openrouter/default/openrouter.settings.json"), "utf8"),
      );
      const environment = {
        VAULT_ADDR: place.address,
        VAULT_CACERT: join(folder, "vault-ca.pem"),
        OPENROUTER_SECRET: "secret/openrouter/web1",
      };
      const running = host.startCommand(
        join(folder, "resolver.cjs"),
        [],
        environment,
        JSON.stringify(request),
      );
      expect(JSON.parse((await running.outcome).stdout).values).toEqual({ "openrouter/api_key": keys.web1 });
    });

    test("has check, drift and status; all else refuses by name", async () => {
      expect((await on("web1", ["check"])).code).toBe(0);
      expect(JSON.parse((await onWell("web1", ["drift", "--json"])).stdout)).toMatchObject({
        outcome: "clean",
        skipped: [],
      });
      expect(JSON.parse((await onWell("web1", ["status", "--json"])).stdout).vault.kind).toBe("external");
      for (const command of [
        "up",
        "key rotate",
        "key limit",
        "backup create",
        "host invite web9 --any-address",
      ])
        expectStop(
          await on("web1", command.split(" ")),
          64,
          "is for the host that deployed the Vault",
          "joined it as web1",
        );
    });

    test("the same word is of no use to a thief, who is named as one", async () => {
      const outcome = await on("thief", ["host", "join"], invitation);
      expectStop(outcome, 1, "was used before", "stolen", "host evict web1");
      expect(credentialOf("thief")).toBeUndefined();
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
      expect(found).toEqual(["vault.access:auth/approle/role/openclaw-host-web1"]);
      await vault.asRoot((root) =>
        root.write("auth/approle/role/openclaw-host-web1", { token_policies: ["openclaw-host-web1"] }),
      );
    });
  });

  test("a thief who is first is noticed by the host, and loses all by an eviction", async () => {
    const invitation = await invite("web2");
    await onWell("thief", ["host", "join"], invitation);
    expectStop(await on("web2", ["host", "join"], invitation), 1, "was used before", "host evict web2");
    const stolen = await logInWith(vault.client, credentialOf("thief")!);
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
    expect(await logInWith(vault.client, credentialOf("thief")!)).toMatchObject({ status: 400 });
    expectStop(await on("thief", ["check"]), 1, "cannot log in");
    expect((await on("thief", ["drift"])).code).toBe(2);
    expect((await on("web1", ["check", "--no-spend"])).code).toBe(0);
    // The host that was robbed is invited again, and what the thief holds stays dead.
    await onWell("web2", ["host", "join"], await invite("web2"));
    expect(await logInWith(vault.client, credentialOf("thief")!)).toMatchObject({ status: 400 });
    await host.mustRun(["host", "evict", "web2", "--yes"]);
  });

  test("a management key makes a host's key with a limit, and an eviction disables it", async () => {
    const management = newKey();
    await openrouter.control.putKey({ key: management, management: true });
    const environment = { OPENROUTER_MANAGEMENT_KEY: management };
    const args = ["host", "invite", "made", "--any-address", "--limit-eur", "10"];
    const { stdout } = await host.mustRun(args, environment);
    expect((await onWell("made", ["host", "join"], stdout)).stderr).toContain(
      "limit of 11.50 USD (10.00 EUR)",
    );
    await host.mustRun(["host", "evict", "made", "--yes", "--purge"], environment);
    const { baseUrl } = openrouter;
    const listed = await managementClient({ baseUrl, key: management, timeoutSeconds: 10 }).list();
    expect(listed.filter(({ name }) => name.includes("host made")).map(({ disabled }) => disabled)).toEqual([
      true,
    ]);
  });

  test("an invitation that was not used before its end is told apart from a used one", async () => {
    const whole = read(await invite("web3"));
    const late = { ...whole, ends: new Date(Date.now() - 60_000).toISOString() };
    const { accessor } = readHosts(host.home("default")).hosts.find(({ name }) => name === "web3")!;
    await vault.asRoot((root) => root.write("auth/token/revoke-accessor", { accessor }));
    expectStop(await on("web3", ["host", "join"], renderInvitation(late)), 1, "has ended", "--again");
  });

  test("host list tells who has joined", async () => {
    const { stdout } = await host.mustRun(["host", "list", "--json"]);
    const states = (JSON.parse(stdout).hosts as { name: string; state: string }[]).map(({ name, state }) => [
      name,
      state,
    ]);
    expect(states).toEqual([
      ["web1", "joined"],
      ["web3", "invited"],
    ]);
    expect(stdout).not.toMatch(/accessor|secret_id/);
  });

  testInFull("an eviction outlives the restore of an older backup", async () => {
    const file = join(host.folder, "before.tar");
    await host.mustRun(["backup", "create", "--out", file]);
    const held = credentialOf("web1")!;
    await host.mustRun(["host", "evict", "web1", "--yes"]);
    await host.mustRun(["restore", "--from", file, "--yes"]);
    expect(await logInWith(vault.client, held)).toMatchObject({ status: 400 });
    expect((await on("web1", ["check"])).code).toBe(1);
    await onWell("web1", ["host", "join"], await invite("web1"));
  });

  test("destroy on a joined host leaves nothing of it there, and names the eviction", async () => {
    const { stderr } = await onWell("web1", ["destroy", "--yes"]);
    expect(stderr).toContain("host evict web1");
    expect(credentialOf("web1")).toBeUndefined();
    expect((await on("web1", ["check"])).code).not.toBe(0);
  });
});

function mustPass(outcome: RunOutcome): RunOutcome {
  if (outcome.code !== 0) throw new Error(`ended with ${outcome.code}:\n${outcome.stderr}`);
  return outcome;
}
