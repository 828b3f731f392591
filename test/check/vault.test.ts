import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runChecks } from "../../lib/check";
import { vaultUnsealed } from "../../lib/check/checks/vault-unsealed";
import type { CheckContext } from "../../lib/check/context";
import type { CheckId } from "../../lib/config/check-ids";
import { writeJson } from "../../lib/core/files/files";
import type { EngineApi } from "../../lib/docker/engine-api";
import { instanceLabel } from "../../lib/model/instance-label";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { installParametersOf } from "../../lib/model/run-parameters";
import { install } from "../../lib/openclaw/install";
import { readInstance } from "../../lib/store/home";
import { removeExternalVault, writeExternalVault } from "../../lib/store/records/external-vault-record";
import { writeKeyRecord } from "../../lib/store/records/key-record";
import { replacingRecord } from "../../lib/store/records/replacing-record";
import { type Bed, key, makeBed, parametersOf } from "./support";

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed.close());
beforeEach(() => bed.reset());

/** An engine that says that the instance's container runs, or that it is stopped. */
const engine = (status = "running", startContainer = async () => {}) =>
  ({
    inspectContainer: async () => ({
      Id: "vault",
      State: { Status: status },
      HostConfig: { NetworkMode: "default" },
      Config: { Labels: { [instanceLabel]: readInstance(bed.deployment.home.root)?.id } },
    }),
    startContainer,
  }) as unknown as EngineApi;

async function run(
  options: { unseal?: boolean; now?: () => Date; only?: CheckId[]; engine?: EngineApi } = {},
) {
  const { unseal = true, ...rest } = options;
  const report = await runChecks({
    parameters: parametersOf(bed),
    unseal,
    spend: false,
    skip: ["docker.exec"],
    progress: () => {},
    ...rest,
  });
  expect(JSON.stringify(report)).not.toContain(key.slice(9));
  return { ...report, of: (id: CheckId) => report.results.find((result) => result.id === id) };
}

test("a healthy instance passes every line", async () => {
  const report = await run();
  expect(report.outcome).toBe("pass");
  expect(report.of("vault.reachable")?.summary).toContain("1.21.2");
});

test("another version than the declared one warns", async () => {
  bed.vault.version = "1.20.0";
  expect((await run()).of("vault.reachable")).toMatchObject({
    status: "warn",
    summary: expect.stringMatching(/1\.20\.0.*1\.21\.2/),
  });
});

test("plain HTTP, which the settings asked for, is no warning of each check", async () => {
  const parameters = {
    ...parametersOf(bed),
    listener: { home: bed.deployment.home.root, own: true as const },
  };
  const { results } = await runChecks({
    parameters,
    unseal: false,
    spend: false,
    only: ["vault.reachable"],
    progress: () => {},
  });
  expect(results.find(({ id }) => id === "vault.reachable")).toMatchObject({ status: "pass" });
});

test("an uninitialized Vault fails, and nothing behind it is tried", async () => {
  Object.assign(bed.vault, { initialized: false, sealed: true });
  const report = await run();
  expect(report.of("vault.unsealed")).toMatchObject({
    status: "fail",
    fix: "openclaw-openrouter up --instance trial",
  });
  for (const id of ["vault.identities", "secret.present", "key.valid", "budget.limit"] as const) {
    expect(report.of(id)).toMatchObject({ status: "skip", summary: "needs vault.unsealed, which failed" });
  }
  expect(report.outcome).toBe("fail");
});

test.each([
  [
    "no share",
    { started: true, unsealed: false },
    "The container was stopped or paused; it was started now, and Vault is unsealed",
    false,
  ],
  [
    "the shares",
    { started: true, unsealed: true },
    "The container was stopped; it was started and unsealed now, with the shares on this host",
    true,
  ],
  [
    "the shares, and runs",
    { started: false, unsealed: true },
    "Vault was sealed; it was unsealed now, with the shares on this host",
    true,
  ],
])("a Vault that was opened with %s says so", async (_, opened, summary, names) => {
  const found = await vaultUnsealed.run({ open: async () => opened } as CheckContext);
  expect(found).toMatchObject({ status: "warn", summary });
  expect(found.fix?.includes("vault unseal")).toBe(names);
});

describe("a sealed Vault", () => {
  const shares = {
    shares: ["c2hhcmUx", "c2hhcmUy"],
    threshold: 2,
    generation: 1,
    created: "2026-11-23T12:00:00.000Z",
  };

  test("is unsealed where the shares are on this host, and that is a warning", async () => {
    bed.vault.sealed = true;
    writeJson(bed.deployment.home.shares, shares);
    const report = await run({ engine: engine() });
    expect(report.of("vault.unsealed")?.status).toBe("warn");
    expect(report.of("secret.present")?.status).toBe("pass");
    expect(bed.vault.sealed).toBe(false);
  });

  test("stays sealed with --no-unseal, and fails", async () => {
    bed.vault.sealed = true;
    writeJson(bed.deployment.home.shares, shares);
    expect((await run({ unseal: false })).of("vault.unsealed")).toMatchObject({
      status: "fail",
      fix: "openclaw-openrouter vault unseal --instance trial",
    });
    expect(bed.vault.sealed).toBe(true);
  });

  test("gets no share while no engine says that its container runs", async () => {
    bed.vault.sealed = true;
    writeJson(bed.deployment.home.shares, shares);
    expect((await run()).of("vault.unsealed")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("no Docker Engine confirms"),
    });
    expect(bed.vault.given).toEqual([]);
  });

  describe("after a restore that was interrupted while it replaced its data", () => {
    beforeEach(() => {
      replacingRecord.write(bed.deployment.home, {
        ...{ command: "restore", backup: "/b.tar", since: "2026-11-23T12:00:00.000Z" },
        ...{ stage: "copied", hadData: true },
      });
      writeJson(bed.deployment.home.shares, shares);
    });
    afterEach(() => replacingRecord.remove(bed.deployment.home));

    test("is not started", async () => {
      const startContainer = jest.fn(async () => {});
      const report = await run({ only: ["vault.reachable"], engine: engine("exited", startContainer) });
      expect(report.of("vault.reachable")).toMatchObject({
        status: "fail",
        fix: expect.stringContaining("--from /b.tar"),
      });
      expect(startContainer).not.toHaveBeenCalled();
    });

    test("gets no share", async () => {
      bed.vault.sealed = true;
      const report = await run({ only: ["vault.unsealed"], engine: engine() });
      expect(report.of("vault.unsealed")).toMatchObject({
        status: "fail",
        summary: expect.stringContaining("incomplete"),
      });
      expect(bed.vault.given).toEqual([]);
    });
  });

  test("whose shares are another's fails", async () => {
    bed.vault.sealed = true;
    writeJson(bed.deployment.home.shares, { ...shares, shares: ["b3RoZXI=", "b3RoZXIy"] });
    expect((await run({ engine: engine() })).of("vault.unsealed")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("do not unseal"),
    });
  });
});

describe("identities", () => {
  test.each(["GET secret/metadata/openrouter", "POST secret/data/openrouter", "GET sys/mounts"])(
    "a reader that may %s fails",
    async (call) => {
      bed.vault.permitted = [call];
      expect((await run()).of("vault.identities")).toMatchObject({
        status: "fail",
        summary: expect.stringContaining(call),
      });
    },
  );

  test.each([400, 404, 405])(
    "a reader's call that Vault permits, and refuses by %i, fails",
    async (status) => {
      bed.vault.failing = { "POST secret/data/openrouter": status };
      expect((await run()).of("vault.identities")).toMatchObject({
        status: "fail",
        summary: expect.stringContaining("more than it should: POST secret/data/openrouter"),
      });
    },
  );

  test.each([
    ["GET sys/mounts", 429],
    ["LIST auth/token/accessors", 500],
    ["GET secret/data/openrouter", 503],
  ])("that Vault does not answer %s, but %i, is no permission", async (call, status) => {
    bed.vault.failing = { [call]: status };
    expect((await run()).of("vault.identities")).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(`^Vault answered ${status} to ${call}`),
    });
  });

  test("a policy that is not the declared one fails, though every trial was refused", async () => {
    bed.vault.readerPolicy = 'path "secret/data/openrouter" { capabilities = ["read", "delete"] }';
    expect((await run()).of("vault.identities")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("policy"),
    });
  });

  test("a reader that may not read the key", async () => {
    bed.vault.readerPolicy = "";
    expect((await run()).of("secret.present")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("403"),
    });
  });

  test("a secret that is missing is no fault of theirs", async () => {
    bed.vault.secret = undefined;
    expect((await run()).of("vault.identities")?.status).toBe("pass");
  });

  test("a living root token fails", async () => {
    bed.vault.tokens = { one: ["default"], two: ["root"] };
    expect((await run()).of("vault.identities")).toMatchObject({
      status: "fail",
      fix: expect.stringMatching(
        /VAULT_TOKEN of an operator.*: docker exec -e VAULT_TOKEN \S+ vault token revoke -accessor two$/,
      ),
    });
  });

  test("no audit device fails", async () => {
    bed.vault.audit = {};
    expect((await run()).of("vault.identities")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("audit"),
    });
  });

  test.each(["reader", "auditor"])("a %s that cannot log in fails", async (name) => {
    bed.vault.identities = ["reader", "auditor"].filter((other) => other !== name);
    expect((await run()).of("vault.identities")).toMatchObject({
      status: "fail",
      summary: expect.stringContaining(name),
    });
  });

  test("of an external Vault that was made again, as dev mode is by a restart, the cause is reported", async () => {
    bed.vault.identities = [];
    const { home, address } = bed.deployment;
    writeExternalVault(home, { address, clusterId: "the first", writing: false });
    const report = await run();
    removeExternalVault(home);
    expect(report.of("vault.identities")?.summary).toMatch(/another Vault answers there.*the first/);
  });
});

describe("the secret", () => {
  const stored = (api_key: unknown, created = new Date()) => {
    bed.vault.secret = { data: { api_key }, version: 2, created };
  };

  test.each([
    [`${key}\n`, /line break around it/],
    [` ${key}`, /blank around it/],
    [`"${key}"`, /quote around it/],
    ["sk-or-v1-", /form/],
    ["", /empty/],
  ])("that holds %j fails", async (value, reason) => {
    stored(value);
    const report = await run();
    expect(report.of("secret.present")).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(reason),
    });
    expect(report.of("key.valid")?.status).toBe("skip");
  });

  test("that Vault will delete warns", async () => {
    const secret = { data: { api_key: key }, version: 2, created: new Date() };
    bed.vault.secret = { ...secret, ends: "2099-03-01T10:00:00.123456789Z" };
    expect((await run()).of("secret.present")).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("which Vault deletes on 2099-03-01 10:00 UTC"),
      warnings: [{ warning: "ends" }],
    });
  });

  test("that was deleted, was never there, or has no api_key fails", async () => {
    for (const secret of [
      undefined,
      { data: null, version: 2, created: new Date() },
      { data: {}, version: 1, created: new Date() },
    ]) {
      bed.vault.secret = secret;
      expect((await run()).of("secret.present")).toMatchObject({
        status: "fail",
        fix: expect.stringContaining("up --instance trial"),
      });
    }
    bed.vault.secret = { data: { key, note: "mine" }, version: 1, created: new Date() };
    expect((await run()).of("secret.present")?.summary).toContain("its fields: key, note");
  });

  test.each([
    ["2026-08-25T12:00:00Z", "pass"],
    ["2026-08-25T11:59:59Z", "pass"],
    ["2026-08-24T12:00:00Z", "warn"],
  ])("of %s is %s on 2026-11-23", async (created, status) => {
    stored(key, new Date(created));
    expect((await run({ now: () => new Date("2026-11-23T12:00:00Z") })).of("secret.present")?.status).toBe(
      status,
    );
  });

  test("is as old as its key, however often that was written again", async () => {
    const now = new Date("2026-11-23T12:00:00Z");
    const { home } = bed.deployment;
    stored(key, now);
    const record = { generation: 1, version: 2, fingerprint: keyFingerprint(key), retired: [] };
    writeKeyRecord(home, { ...record, since: "2026-08-24T12:00:00Z" });
    const report = await run({ now: () => now });
    rmSync(home.key);
    expect(report.of("secret.present")).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("91 days old"),
    });
    expect(report.measured?.keyRotateBy).toBe("2026-11-22T12:00:00.000Z");
  });
});

test("a check runs even if one that it needs is skipped by --skip", async () => {
  const report = await runChecks({
    parameters: parametersOf(bed),
    unseal: true,
    spend: false,
    skip: ["key.valid"],
    only: ["budget.limit", "key.valid"],
    progress: () => {},
  });
  expect(report.results.map(({ id, status }) => [id, status])).toEqual([
    ["key.valid", "skip"],
    ["budget.limit", "pass"],
  ]);
});

test("the outcome is no pass if nothing was tried", async () => {
  const report = await run({ only: ["chat.default"] });
  expect(report.results.map(({ status }) => status)).toEqual(["skip"]);
  expect(report.outcome).toBe("fail");
});

describe("OpenClaw's files", () => {
  const file = (name: string) => join(bed.deployment.openclawFolder, name);
  const edit = (name: string, from: string | RegExp, to: string) =>
    writeFileSync(file(name), readFileSync(file(name), "utf8").replace(from, to));
  const result = async () => (await run({ only: ["openclaw.config"] })).of("openclaw.config");

  test.each([
    ["config.json", /"default_model": "[^"]*"/, '"default_model": "x/y"', /model\.default_model is "x\/y"/],
    ["config.json", '"provider": "openrouter"', '"provider": "anthropic"', /model\.provider/],
    ["config.json", /"address": "[^"]*"/, '"address": "http://127.0.0.1:1"', /vault\.address/],
    ["config.json", '"secret_prefix": "secret"', '"secret_prefix": "kv"', /vault\.secret_prefix/],
    ["config.json", '"google/gemini-2.5-flash"', '"x/y"', /does not list google\/gemini-2.5-flash/],
    ["config.json", "{", "", /cannot be parsed/],
    ["openrouter.json5", "openrouter/anthropic/claude-sonnet-5", "anthropic/claude-sonnet-5", /primary/],
    ["openrouter.json5", /"VAULT_ADDR": "[^"]*"/, '"VAULT_ADDR": "http://x"', /VAULT_ADDR/],
    ["openrouter.json5", /"VAULT_CACERT": "[^"]*"/, '"OTHER": "x"', /VAULT_CACERT is missing/],
    [
      "openrouter.json5",
      /"command": "[^"]*"/,
      '"command": "/bin/true"',
      /provider's command is "\/bin\/true"/,
    ],
    ["openrouter.json5", /"source": "exec",\s*"command"/, '"source": "file", "command"', /provider's source/],
    ["openrouter.json5", /"source": "exec",\s*"provider"/, '"source": "env", "provider"', /apiKey\.source/],
    ["openrouter.json5", "openrouter/api_key", "openrouter/other", /apiKey\.id/],
    ["openrouter.json5", /"apiKey": \{[^}]*\}/, `"apiKey": "${key}"`, /holds a key/],
    ["openrouter.json5", /"secrets"/, '"other"', /secrets/],
    ["openrouter.json5", /"auth": "api-key",/, "", /openrouter\.auth is missing/],
    ["openclaw.json", "./openrouter.json5", "./other.json5", /does not include \.\/openrouter\.json5/],
    ["openclaw.json", "{", "", /openclaw\.json cannot be parsed/],
    ["openclaw.json", '"local"', `"${key}"`, /openclaw\.json holds a key/],
  ])("%s with %s → %s fails", async (name, from, to, summary) => {
    edit(name, from, to);
    expect(await result()).toMatchObject({ status: "fail", summary: expect.stringMatching(summary) });
  });

  test("that an editor saved with a byte order mark and its own line ends pass, as a deploy leaves them", async () => {
    for (const name of ["config.json", "openclaw.json"])
      writeFileSync(file(name), `\uFEFF${readFileSync(file(name), "utf8").replaceAll("\n", "\r\n")}`);
    expect(install(installParametersOf(bed.deployment))).toMatchObject({
      "config.json": "unchanged",
      "openclaw.json": "unchanged",
    });
    expect(await result()).toMatchObject({ status: "pass" });
  });

  test("a user's own value that wins is reported by its line, and is the user's to choose", async () => {
    edit("openclaw.json", "{", '{\n  "agents": { "defaults": { "model": "x/y" } },');
    expect(await result()).toMatchObject({
      status: "warn",
      summary: `${file("openclaw.json")}, line 2: your own agents.defaults.model wins over what is declared`,
    });
  });

  test("of a sealed Vault the resolver says so, since the gateway does not", async () => {
    bed.vault.sealed = true;
    const finding = (await run({ only: ["openclaw.config"], unseal: false })).of("openclaw.config");
    expect(finding).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(/resolver\.cjs gives the gateway no key: Vault is sealed/),
      // No new files would help.
      fix: expect.stringContaining("vault unseal"),
    });
  });

  test("the resolver is asked as the gateway asks it", async () => {
    const { resolver, secretId } = openclawPaths(bed.deployment.openclawFolder);
    expect((await result())?.details).toContain(`${resolver} gives the key`);
    rmSync(secretId);
    expect(await result()).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(/no key: .*secret_id cannot be read/),
    });
    writeFileSync(
      resolver,
      `#!/bin/sh\necho '{"protocolVersion":1,"values":{"openrouter/api_key":"another"}}'\n`,
    );
    expect(await result()).toMatchObject({
      status: "fail",
      summary: `${resolver} gives another key than Vault has`,
    });
  });

  test("that can be read by others warn, that can be written fail", async () => {
    chmodSync(file("config.json"), 0o644);
    expect(await result()).toMatchObject({ status: "warn", fix: `chmod 600 ${file("config.json")}` });
    chmodSync(file("openclaw.json"), 0o666);
    expect(await result()).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("openclaw.json can be written"),
    });
    chmodSync(file("config.json"), 0o662);
    expect(await result()).toMatchObject({ status: "fail" });
  });
});
