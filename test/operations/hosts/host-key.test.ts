import { join } from "node:path";
import { settingsSchema } from "../../../lib/config/settings";
import { sha256 } from "../../../lib/core/fingerprint";
import { type Deployment, deployment } from "../../../lib/model/deployment";
import { type KeyRun, replaceHostKey, resumeNewKey } from "../../../lib/operations/hosts/host-key";
import { openAccount } from "../../../lib/operations/key/account";
import { type HostEntry, readHosts, saveHost } from "../../../lib/store/records/hosts-record";
import { readPendingCleanups } from "../../../lib/store/records/pending-cleanups";
import type { VaultClient } from "../../../lib/vault/client";
import { scratchFolder } from "../../support/folder";
import { type Sandbox, type SandboxControl, sandboxControl, startSandbox } from "../../support/sandbox";

const key = (letter: string) => `sk-or-v1-${letter.repeat(64)}`;
const [old, given, management] = [key("a"), key("b"), key("c")];
const { signal } = new AbortController();
let sandbox: Sandbox;
let control: SandboxControl;
let described: Deployment;
let vault: { stored: string | undefined; refuses: boolean };

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, key: old, managementKey: management });
  control = sandboxControl(sandbox.port);
  await control.putKey({ key: given, limit: 5, limitReset: "weekly" });
  described = describe_({});
  vault = { stored: old, refuses: false };
});
afterEach(() => sandbox.close());

function describe_(hosts: object): Deployment {
  const folder = scratchFolder();
  const settings = settingsSchema.parse({ openrouter: { baseUrl: sandbox.baseUrl }, hosts });
  return deployment("default", settings, join(folder, "home"), folder);
}

/** The calls of one secret, as the key-value store answers them. */
function client(): VaultClient {
  const answer = () =>
    vault.stored === undefined
      ? undefined
      : {
          data: {
            data: { api_key: vault.stored },
            metadata: { version: 1, created_time: "" },
            current_version: 1,
          },
        };
  const write = async (_: string, body: { data: { api_key: string } }) => {
    if (vault.refuses) throw new Error("refused");
    vault.stored = body.data.api_key;
  };
  return {
    keyPath: "secret/openrouter/web1",
    write,
    async find({ method, path, body }: { method?: string; path: string; body: never }) {
      if (method !== "PATCH") return answer();
      await write(path, body);
      return {};
    },
  } as unknown as VaultClient;
}

const entry = (fields: Partial<HostEntry> = {}): HostEntry => ({
  ...{ name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1", addresses: [] },
  ...{ invited: "2026-11-01T00:00:00Z", roleId: "role" },
  key: { sha256: sha256(old), label: "old", limitUsd: 30 },
  ...fields,
});
const recorded = () => readHosts(described.home).hosts.find(({ name }) => name === "web1");
const cleanups = () => readPendingCleanups(described.home);
const run = (more: Partial<KeyRun> = {}): KeyRun => ({
  ...{ deployment: described, signal, vault: client(), graceSeconds: 60 },
  ...more,
});
const account = () => openAccount(described, management, signal);

describe("a given key", () => {
  test("is stored, recorded without its text, and the old one is to be deleted", async () => {
    saveHost(described.home, entry());
    await replaceHostKey(run(), entry(), { given });
    expect(vault.stored).toBe(given);
    // Five dollars a week are at most 30 in a month.
    expect(recorded()?.key).toEqual({ sha256: sha256(given), label: "sk-or-v1-bbb...bbb", limitUsd: 30 });
    expect(cleanups()).toMatchObject([{ kind: "remove", sha256: sha256(old), graceSeconds: 60 }]);
    expect(JSON.stringify([recorded(), cleanups()])).not.toContain(given);
  });

  test("that was replaced before is in use again: its removal is dropped", async () => {
    saveHost(described.home, entry());
    await replaceHostKey(run(), entry(), { given });
    await replaceHostKey(run(), recorded()!, { given: old });
    expect(recorded()?.key?.sha256).toBe(sha256(old));
    expect(cleanups()).toMatchObject([{ sha256: sha256(given) }]);
  });

  test.each([
    [
      "another host's",
      () =>
        saveHost(described.home, entry({ name: "web2", key: { ...entry().key!, sha256: sha256(given) } })),
      given,
      "the key of the host web2",
    ],
    ["the host's current one", () => {}, old, "has already"],
    ["one that OpenRouter refuses", () => {}, key("d"), "User not found"],
    ["a management key", () => {}, management, "management key"],
  ])("that is %s is refused", async (_, arrange, refused, says) => {
    arrange();
    await expect(replaceHostKey(run(), entry(), { given: refused })).rejects.toMatchObject({
      props: { got: expect.stringContaining(says) },
    });
    expect([vault.stored, cleanups()]).toEqual([old, []]);
  });

  test("that no model answers is refused, with the command that names the host", async () => {
    await control.putKey({ key: given, limit: 0 });
    await expect(replaceHostKey(run({ tries: true }), entry(), { given })).rejects.toMatchObject({
      props: { fix: expect.stringMatching(/^openclaw-openrouter host rotate web1\n/) },
    });
    expect([vault.stored, cleanups()]).toEqual([old, []]);
  });

  test("that Vault does not take leaves all as it was", async () => {
    saveHost(described.home, entry());
    vault.refuses = true;
    await expect(
      replaceHostKey(run(), entry({ invited: "2026-11-02T00:00:00Z" }), { given }),
    ).rejects.toThrow("refused");
    expect(recorded()).toEqual(entry());
    expect(cleanups()).toEqual([]);
  });
});

describe("a key that is made", () => {
  test("has the old one's limit, and its workspace", async () => {
    const { manager } = await account();
    const other = (await manager.listWorkspaces())[1]!.id;
    await control.putKey({ key: old, limit: 7, limitReset: "monthly", workspaceId: other });
    await replaceHostKey(run({ account: await account() }), entry(), {});
    expect(recorded()?.key).toMatchObject({ limitUsd: 7, hash: expect.any(String) });
    expect((await manager.list(other)).map(({ hash }) => hash)).toContain(recorded()?.key?.hash);
  });

  test("has the limit that is wanted", async () => {
    await replaceHostKey(run({ account: await account() }), entry(), { limitEur: 10 });
    expect(recorded()?.key?.limitUsd).toBe(11.5);
  });

  test("that Vault does not take is to be deleted at once, and a new host is forgotten", async () => {
    vault = { stored: undefined, refuses: true };
    const { key: _, roleId: _role, ...fresh } = entry();
    await expect(replaceHostKey(run({ account: await account() }), fresh, {})).rejects.toThrow();
    expect(cleanups()).toMatchObject([{ graceSeconds: 0, name: expect.stringContaining("host web1") }]);
    expect(recorded()).toBeUndefined();
  });

  test("whose answer is lost is to be deleted by its name", async () => {
    const opened = await account();
    opened.manager.create = () => Promise.reject(new Error("lost"));
    await expect(replaceHostKey(run({ account: opened }), entry(), {})).rejects.toThrow("lost");
    expect(cleanups()).toMatchObject([{ graceSeconds: 0, name: expect.stringContaining("host web1") }]);
  });
});

describe("an interrupted run", () => {
  const newKey = {
    name: "unique",
    key: { sha256: sha256(given), label: "new", hash: "h", limitUsd: 1 },
    graceSeconds: 9,
  };

  test("that has stored the key ends with it", async () => {
    vault.stored = given;
    const host = await resumeNewKey(run(), entry({ newKey }));
    expect(host).toEqual(entry({ key: newKey.key, earlierKeys: [sha256(old)] }));
    expect(recorded()).toEqual(host);
    expect(cleanups()).toMatchObject([{ sha256: sha256(old), graceSeconds: 9 }]);
  });

  test.each([
    ["before it stored the key", newKey],
    ["while OpenRouter made the key", { name: "unique", graceSeconds: 9 }],
  ])("%s ends with the old one", async (_, begun) => {
    expect(await resumeNewKey(run(), entry({ newKey: begun }))).toEqual(entry());
    expect(cleanups()).toMatchObject([{ name: "unique", graceSeconds: 0 }]);
  });

  test("never has a key deleted that a person gave and no host used", async () => {
    const { name: _, ...unnamed } = newKey;
    await resumeNewKey(run(), entry({ newKey: unnamed }));
    expect(cleanups()).toEqual([]);
  });
});

describe("the bound of all limits", () => {
  beforeEach(() => {
    described = describe_({ maxTotalLimitEur: 30 });
    saveHost(described.home, entry());
    saveHost(described.home, entry({ name: "web2", key: { sha256: "0", label: "two", limitUsd: 11.5 } }));
  });

  test("counts the other hosts, and lets in what is within", async () => {
    await replaceHostKey(run({ account: await account() }), entry(), { limitEur: 20 });
    expect(recorded()?.key?.limitUsd).toBe(23);
  });

  test("refuses more before a key is made", async () => {
    const opened = await account();
    const before = (await opened.manager.list()).length;
    await expect(replaceHostKey(run({ account: opened }), entry(), { limitEur: 20.01 })).rejects.toThrow(
      "maxTotalLimitEur",
    );
    expect([(await opened.manager.list()).length, vault.stored]).toEqual([before, old]);
  });

  test("refuses a key without a limit", async () => {
    await control.putKey({ key: given, limit: null });
    await expect(replaceHostKey(run(), entry(), { given })).rejects.toMatchObject({
      props: { got: "a key without a limit" },
    });
  });

  test("takes what a limit was raised to at OpenRouter since", async () => {
    await control.putKey({ key: key("e"), limit: 30, limitReset: "monthly" });
    saveHost(
      described.home,
      entry({ name: "web2", key: { sha256: sha256(key("e")), label: "e", limitUsd: 1 } }),
    );
    await expect(
      replaceHostKey(run({ account: await account() }), entry(), { limitEur: 10 }),
    ).rejects.toThrow("maxTotalLimitEur");
  });
});
