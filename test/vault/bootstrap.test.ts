import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { identities, identityNames, roleParameters } from "../../lib/model/vault/identities";
import { renewPlacedCredential } from "../../lib/openclaw/renew-credential";
import { readCredential } from "../../lib/store/credentials";
import { sharesRecord } from "../../lib/store/records/shares-record";
import type { BootstrapStep } from "../../lib/vault/bootstrap";
import type { KeyShares } from "../../lib/vault/shares/shares-file";
import { Bed, expectOpen, failure } from "./bed";

let bed: Bed;

beforeEach(async () => {
  bed = await Bed.make();
});
afterEach(() => bed.stub.close());

describe("a new Vault", () => {
  test("is initialized, unsealed, and given its identities; no root token is left", async () => {
    expect(await bed.run()).toEqual({ initialized: true, unsealed: true, identitiesWritten: true });
    expectOpen(bed);
    expect(bed.stub.calls.find(({ name }) => name === "PUT sys/init")?.body).toEqual({
      secret_shares: 5,
      secret_threshold: 3,
    });
  });

  test("has policies and roles as declared", async () => {
    await bed.run();
    for (const name of identityNames) {
      const identity = identities[name];
      expect(bed.vault.policies.get(identity.role)).toBe(identity.policy);
      expect(bed.vault.roles.get(identity.role)?.parameters).toEqual(roleParameters(identity));
    }
  });

  test("lets the setup guide's command read as the reader", async () => {
    await bed.run();
    const reader = readCredential(bed.home, "reader")!;
    const files = Object.fromEntries(bed.helper!.map(({ name, content, mode }) => [name, { content, mode }]));
    expect(files[".reader-secret-id"]).toEqual({ content: reader.secretId, mode: 0o600 });
    expect(files["token-helper"]?.mode).toBe(0o700);
  });

  test("is unsealed with as many shares as are needed", async () => {
    await bed.run();
    const keys = bed.stub.calls
      .filter(({ name, body }) => name === "PUT sys/unseal" && body.key)
      .map(({ body }) => body.key);
    expect(keys).toEqual(bed.vault.shares.slice(0, 3));
  });

  test("leaves private files alone in the home", async () => {
    await bed.run();
    const files = ["shares.json", "credentials/deployer/secret_id", "credentials/reader/role_id"];
    for (const file of files)
      expect((statSync(join(bed.home.root, file)).mode & 0o777).toString(8)).toBe("600");
    expect(readdirSync(bed.home.root).sort()).toEqual([
      "credentials",
      "shares-fingerprints.json",
      "shares.json",
    ]);
  });
});

describe("a Vault that is in use", () => {
  test("is left unchanged", async () => {
    await bed.run();
    bed.stub.calls.length = 0;
    expect(await bed.run()).toEqual({ initialized: false, unsealed: false, identitiesWritten: false });
    const changing = bed.stub.calls.map(({ name }) => name).filter((name) => !name.startsWith("GET"));
    expect(new Set(changing)).toEqual(new Set(["POST auth/approle/login"]));
    expectOpen(bed);
  });

  test("is unsealed after a restart, with the identities that it has", async () => {
    await bed.run();
    const before = readCredential(bed.home, "deployer");
    bed.vault.sealed = true;
    expect(await bed.run()).toEqual({ initialized: false, unsealed: true, identitiesWritten: false });
    expect(readCredential(bed.home, "deployer")).toEqual(before);
    expectOpen(bed);
  });

  test("gets its token helper again in a new container", async () => {
    await bed.run();
    bed.helper = undefined;
    await bed.run({ writeTokenHelper: true });
    expect(bed.helper).toHaveLength(4);
  });

  test("gets identities again where the credentials are lost, by a temporary root token", async () => {
    await bed.run();
    writeFileSync(join(bed.home.credentials("deployer"), "secret_id"), "lost\n");
    expect(await bed.run()).toMatchObject({ identitiesWritten: true });
    expectOpen(bed);
  });

  test("lets an identity log in again whose entity somebody disabled", async () => {
    await bed.run();
    bed.vault.disabled.add(bed.vault.roles.get(identities.reader.role)!.roleId);
    expect(await bed.run()).toMatchObject({ identitiesWritten: true });
    expect([...bed.vault.disabled]).toEqual([]);
    expectOpen(bed);
    expect(await bed.run()).toMatchObject({ identitiesWritten: false });
  });

  test("lets an identity log in again that Vault locked out for failed logins", async () => {
    await bed.run();
    bed.vault.lockedOut.add(bed.vault.roles.get(identities.reader.role)!.roleId);
    expect(await bed.run()).toMatchObject({ identitiesWritten: true });
    expectOpen(bed);
    expect(await bed.run()).toMatchObject({ identitiesWritten: false });
  });

  test("gets them again, though all of them work, where that is asked for", async () => {
    await bed.run();
    const before = readCredential(bed.home, "reader");
    expect(await bed.run({ renewIdentities: true })).toMatchObject({ identitiesWritten: true });
    expect(readCredential(bed.home, "reader")).not.toEqual(before);
    expectOpen(bed);
  });

  test.each<[string, string | undefined, (roleId: string) => void]>([
    ["a link instead of its copy", undefined, (roleId) => symlinkSync("/etc/hostname", roleId)],
    ["a folder instead of its copy", undefined, (roleId) => mkdirSync(roleId)],
    ["a second name of its copy", undefined, (roleId) => linkSync(bed.home.shares, roleId)],
    ["an account that is removed", "nobody-has-this-name", () => {}],
  ])("gets them again whatever OpenClaw's user leaves: %s", async (_, user, leave) => {
    await bed.run();
    const folder = join(bed.home.root, "../openclaw");
    mkdirSync(openclawPaths(folder).own, { recursive: true, mode: 0o700 });
    leave(openclawPaths(folder).roleId);
    writeFileSync(bed.home.installed, JSON.stringify({ folder, user }));
    const { warning } = await bed.run({ renewIdentities: true, renewCopies: renewPlacedCredential });
    expect(warning).toContain("then run `openclaw-openrouter up`");
    expectOpen(bed);
  });

  test.each([
    ["of an earlier version", 'path "secret/data/openrouter" { capabilities = ["update"] }'],
    ["gone", undefined],
  ])("gets them again where the deployer's policy is %s", async (_, policy) => {
    await bed.run();
    const { role } = identities.deployer;
    if (policy) bed.vault.policies.set(role, policy);
    else bed.vault.policies.delete(role);
    expect(await bed.run()).toMatchObject({ identitiesWritten: true });
    expect(bed.vault.policies.get(role)).toBe(identities.deployer.policy);
    expectOpen(bed);
  });

  describe("of which something was changed by hand", () => {
    const role = identities.auditor.role;
    const changes: [string, string, () => void][] = [
      [
        "a policy",
        "policy openclaw-reader",
        () => bed.vault.policies.set(identities.reader.role, 'path "*" { capabilities = ["read"] }'),
      ],
      [
        "a parameter of a role that bootstrap never named before",
        `role ${role} (token_bound_cidrs)`,
        () => Object.assign(bed.vault.roles.get(role)!.parameters, { token_bound_cidrs: ["0.0.0.0/0"] }),
      ],
      [
        "a role that cannot be changed back",
        `role ${role} (local_secret_ids)`,
        () => Object.assign(bed.vault.roles.get(role)!.parameters, { local_secret_ids: true }),
      ],
      ["a role, removed", `role ${role} (gone)`, () => bed.vault.roles.delete(role)],
      ["the audit device, off", "audit device file/ (off)", () => bed.vault.mounts.audit.clear()],
      [
        "the audit device, elsewhere",
        "audit device file/ (options)",
        () => Object.assign(bed.vault.mounts.audit.get("file/")!, { type: "socket" }),
      ],
      [
        "the mount, tuned",
        "mount secret/ (config.audit_non_hmac_response_keys)",
        () =>
          Object.assign(bed.vault.mounts.engines.get("secret/")!.config, {
            audit_non_hmac_response_keys: ["data"],
          }),
      ],
      [
        "AppRole, tuned",
        "auth method approle/ (description, config.max_lease_ttl)",
        () => {
          const method = bed.vault.mounts.methods.get("approle/")!;
          Object.assign(method, { description: "x" });
          Object.assign(method.config, { max_lease_ttl: 60 });
        },
      ],
    ];

    test.each(changes)("%s: what Terraform plans on is put right with the shares", async (_, __, change) => {
      await bed.run();
      change();
      // None that only opens Vault needs it.
      const isLost = !bed.vault.roles.has(role);
      expect(await bed.run()).toMatchObject({ identitiesWritten: isLost });
      expect(await bed.run({ requireUnchanged: true })).toMatchObject({ identitiesWritten: !isLost });
      expect(await bed.run({ requireUnchanged: true })).toMatchObject({ identitiesWritten: false });
      expectOpen(bed);
      for (const name of identityNames) {
        const identity = identities[name];
        expect(bed.vault.policies.get(identity.role)).toBe(identity.policy);
        expect(bed.vault.roles.get(identity.role)?.parameters).toEqual(roleParameters(identity));
      }
    });

    test.each(changes.filter(([name]) => !name.includes("removed")))(
      "%s: without shares it is a stop that says what it is and what to run",
      async (_, what, change) => {
        await bed.run();
        rmSync(bed.home.shares);
        change();
        const told = await failure(bed.run({ requireUnchanged: true }));
        expect(told).toContain(what);
        expect(told).toContain("openclaw-openrouter vault renew-identities");
      },
    );

    test("headers in the audit log, web pages that may call and long tokens are taken back by a renewal", async () => {
      await bed.run();
      const { mounts } = bed.vault;
      const config = { default_lease_ttl: 0, max_lease_ttl: 315_360_000, listing_visibility: "unauth" };
      const about = { accessor: "auth_token_1", description: "token based credentials", options: null };
      mounts.methods.set("token/", { type: "token", ...about, config });
      mounts.headers.set("x-vault-token", { hmac: false });
      mounts.cors = true;
      await bed.run({ renewIdentities: true });
      expect([...mounts.headers.keys()]).toEqual(["user-agent"]);
      expect(mounts.cors).toBe(false);
      expect(config).toEqual({ default_lease_ttl: 0, max_lease_ttl: 0, listing_visibility: "unauth" });
    });

    test("a store of another kind at secret/ is a stop, and nothing is written", async () => {
      await bed.run();
      const { engines, audit } = bed.vault.mounts;
      audit.clear();
      engines.get("secret/")!.options = { version: "1" };
      expect(await failure(bed.run({ requireUnchanged: true }))).toContain("no key-value store of version 2");
      expect(audit.size).toBe(0);
    });
  });

  test("loses every root token that a run left which was interrupted before it noted it", async () => {
    await expect(bed.run({ dieAt: "unsealed" })).rejects.toThrow("killed");
    bed.vault.roots.add("hvs.left-behind");
    await bed.run();
    expectOpen(bed);
  });

  test("revokes a root token whose making was interrupted before anybody knew it", async () => {
    await bed.run();
    bed.vault.losesNextRoot = true;
    await expect(bed.run({ renewIdentities: true })).rejects.toThrow("the answer was lost");
    expect(bed.vault.roots.size).toBe(1);
    expect(await bed.run()).toMatchObject({ identitiesWritten: true });
    expectOpen(bed);
    expect(existsSync(bed.home.rootToken)).toBe(false);
  });

  test("forgets shares that an earlier run gave, perhaps wrong ones", async () => {
    await bed.run();
    bed.vault.sealed = true;
    bed.vault.answer({ name: "PUT sys/unseal", token: undefined, body: { key: "wrong" } });
    await bed.run();
    expectOpen(bed);
  });
});

describe("a Vault whose shares are kept elsewhere", () => {
  let shares: KeyShares;
  const asked: number[] = [];
  const askForShares = async (threshold: number) => {
    asked.push(threshold);
    return shares;
  };

  beforeEach(async () => {
    await bed.run();
    const { rootToken: _, ...kept } = bed.shares();
    shares = { ...kept, shares: kept.shares.slice(1, 4) };
    rmSync(bed.home.shares);
    asked.length = 0;
  });

  test("is unsealed with shares that are asked for", async () => {
    bed.vault.sealed = true;
    expect(await bed.run({ askForShares })).toEqual({
      initialized: false,
      unsealed: true,
      identitiesWritten: false,
    });
    expect(asked).toEqual([3]);
    expect(existsSync(bed.home.shares)).toBe(false);
  });

  test("is asked for them once where it is sealed and its identities are lost", async () => {
    bed.vault.sealed = true;
    rmSync(bed.home.credentials("reader"), { recursive: true });
    expect(await bed.run({ askForShares })).toMatchObject({ unsealed: true, identitiesWritten: true });
    expect(asked).toHaveLength(1);
    expectRecovered();
  });

  test("needs none while all is well", async () => {
    await bed.run({ askForShares });
    expect(asked).toEqual([]);
  });

  test.each([
    ["sealed", () => Object.assign(bed.vault, { sealed: true }), "openclaw-openrouter vault unseal"],
    [
      "without a credential",
      () => rmSync(bed.home.credentials("reader"), { recursive: true }),
      "renew-identities",
    ],
    ["of an earlier version", () => bed.vault.policies.set(identities.deployer.role, ""), "renew-identities"],
  ])("is a stop that names the way on where nobody is asked and it is %s", async (_, disturb, way) => {
    disturb();
    const told = await failure(bed.run());
    expect(told).toContain(way);
  });

  test("keeps its root token until the next run revokes it, which needs no shares again", async () => {
    const options = { askForShares, renewIdentities: true };
    await expect(bed.run({ ...options, dieAt: "identities written" })).rejects.toThrow("killed");
    expect((statSync(bed.home.rootToken).mode & 0o777).toString(8)).toBe("600");
    expect(bed.vault.roots.size).toBe(1);
    await bed.run();
    expect(asked).toHaveLength(1);
    expectRecovered();
  });

  test("asks for them again where a root token may live that nobody knows", async () => {
    bed.vault.losesNextRoot = true;
    await expect(bed.run({ askForShares, renewIdentities: true })).rejects.toThrow("the answer was lost");
    expect(await failure(bed.run())).toContain("may be active");
    await bed.run({ askForShares });
    expect(asked).toHaveLength(2);
    expectRecovered();
  });

  test("takes wrong shares for what they are", async () => {
    shares = { shares: ["d3Jvbmc=", "d3Jvbmc=", "d3Jvbmc="], threshold: 3 };
    const told = await failure(bed.run({ askForShares, renewIdentities: true }));
    expect(told).toContain("do not make a root token");
    expect(told).not.toContain("d3Jvbmc=");
  });

  function expectRecovered(): void {
    expect(bed.vault.roots.size).toBe(0);
    expect(existsSync(bed.home.rootToken)).toBe(false);
    expect(existsSync(bed.home.shares)).toBe(false);
    for (const name of identityNames) expect(readCredential(bed.home, name)).toBeDefined();
  }
});

describe.each<BootstrapStep>([
  "answering",
  "pending recorded",
  "init answered",
  "shares stored",
  "pending removed",
  "unsealed",
  "root at hand",
  "identities written",
  "token helper written",
  "resolver's credential written",
  "root revoked",
])("killed at: %s", (dieAt) => {
  test("the next run ends open, and no share is overwritten", async () => {
    await expect(bed.run({ dieAt })).rejects.toThrow("killed");
    const kept = existsSync(bed.home.shares) ? bed.shares().shares : undefined;
    // The process that was killed may have taken the container with it.
    if (bed.vault.initialized) bed.vault.sealed = true;
    await bed.run();
    expectOpen(bed);
    if (kept) expect(bed.shares().shares).toEqual(kept);
    // Only an answer that nobody got costs a second initialization, of data that nobody used.
    expect([bed.vault.inits, bed.asides]).toEqual(dieAt === "init answered" ? [2, 1] : [1, 0]);
  });
});

describe("a Vault that was killed while it was initialized", () => {
  test("is begun again where this program's record shows it", async () => {
    await expect(bed.run({ dieAt: "pending recorded" })).rejects.toThrow("killed");
    bed.vault.initRefusal = "cluster already has state";
    await bed.run();
    expect(bed.asides).toBe(1);
    expectOpen(bed);
  });

  test("is not what another refusal means, such as its seal's service being away", async () => {
    await expect(bed.run({ dieAt: "pending recorded" })).rejects.toThrow("killed");
    bed.vault.initRefusal = "failed to encrypt keys for storage";
    await expect(bed.run()).rejects.toThrow("failed to encrypt");
    expect(bed.asides).toBe(0);
  });

  test("is left alone where it does not: its data may be somebody else's", async () => {
    bed.vault.initRefusal = "cluster already has state";
    await expect(bed.run()).rejects.toThrow("cluster already has state");
    expect(bed.asides).toBe(0);
  });
});

test("an empty Vault is no new one where people have the shares of one that was used", async () => {
  await bed.run();
  const { generation, threshold, created } = bed.shares();
  const movedOff = new Date().toISOString();
  sharesRecord.write(bed.home, { generation, shares: 5, threshold, created, holders: ["Anna"], movedOff });
  rmSync(bed.home.shares);
  bed.vault.empty();
  expect(await failure(bed.run())).toContain(
    "is empty, but this instance has the shares of one that was used",
  );
  expect(bed.vault.inits).toBe(1);
});

describe("an empty Vault that another user initializes first", () => {
  /** As anybody can who reaches the port: `sys/init` asks for no token. */
  const takeFirst = async () => {
    const { status } = await fetch(`${bed.stub.address}/v1/sys/init`, {
      method: "PUT",
      body: JSON.stringify({ secret_shares: 1, secret_threshold: 1 }),
    });
    expect(status).toBe(200);
  };

  test("is a stop that says so; nothing of it is taken for the instance's own", async () => {
    await takeFirst();
    expect(await failure(bed.run())).toContain("its unseal key shares are not on this host");
    expect(existsSync(bed.home.shares)).toBe(false);
    expect(bed.asides).toBe(0);
    expect(bed.helper).toBeUndefined();
  });

  test("is one also where that user has unsealed it", async () => {
    await takeFirst();
    bed.vault.sealed = false;
    expect(await failure(bed.run())).toMatch(/shares/);
    expect(existsSync(bed.home.shares)).toBe(false);
    expect(readCredential(bed.home, "reader")).toBeUndefined();
  });

  test("between two lines of a run: the next run keeps that data aside, and begins an own Vault", async () => {
    await expect(bed.run({ dieAt: "pending recorded" })).rejects.toThrow("killed");
    await takeFirst();
    await bed.run();
    expect(bed.asides).toBe(1);
    expectOpen(bed);
  });
});

describe("a Vault that unseals itself", () => {
  beforeEach(() => {
    bed.vault.type = "transit";
  });

  test("is initialized with shares that recover it", async () => {
    expect(await bed.run()).toEqual({ initialized: true, unsealed: false, identitiesWritten: true });
    expectOpen(bed);
    expect(bed.stub.calls.find(({ name }) => name === "PUT sys/init")?.body).toEqual({
      recovery_shares: 5,
      recovery_threshold: 3,
    });
    expect(bed.stub.calls.map(({ name }) => name)).not.toContain("PUT sys/unseal");
  });

  test("is begun again where its shares were lost on their way, although it is open", async () => {
    await expect(bed.run({ dieAt: "init answered" })).rejects.toThrow("killed");
    expect(bed.vault.sealed).toBe(false);
    await bed.run();
    expect(bed.asides).toBe(1);
    expectOpen(bed);
  });

  test.each<BootstrapStep>(["shares stored", "pending removed", "identities written", "root revoked"])(
    "killed at %s, it is the same one after the next run",
    async (dieAt) => {
      await expect(bed.run({ dieAt })).rejects.toThrow("killed");
      const { shares } = bed.shares();
      await bed.run();
      expect(bed.asides).toBe(0);
      expect(bed.shares().shares).toEqual(shares);
      expectOpen(bed);
    },
  );

  test("needs no shares on this host", async () => {
    await bed.run();
    rmSync(bed.home.shares);
    expect(await bed.run()).toEqual({ initialized: false, unsealed: false, identitiesWritten: false });
  });
});
