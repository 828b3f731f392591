import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../lib/core/fingerprint";
import { evict } from "../../../lib/operations/hosts/evict";
import { type InviteOptions, inviteHost } from "../../../lib/operations/hosts/invite";
import type { EngineContext } from "../../../lib/session/context";
import { type HostEntry, readHosts, writeHosts } from "../../../lib/store/records/hosts-record";
import type { VaultClient } from "../../../lib/vault/client";
import { canary, describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const mockDone: string[] = [];
let mockRoleId: string | undefined;
let mockNeeds: Record<string, string[]> = {};
jest.mock("../../../lib/operations/hosts/as-admin", () => ({
  asAdmin: (_: object, { needs }: { needs: object }, work: (admin: VaultClient) => unknown) => {
    mockNeeds = needs as typeof mockNeeds;
    return work({ forKey: () => ({}) } as unknown as VaultClient);
  },
}));
jest.mock("../../../lib/operations/key/clean-up", () => ({
  cleanUp: async () => ({ done: [], left: [] }),
}));
let mockSecret: object | undefined;
jest.mock("../../../lib/vault/secret-store", () => ({ findSecret: async () => mockSecret }));
jest.mock("../../../lib/operations/hosts/host-key", () => ({
  ...jest.requireActual("../../../lib/operations/hosts/host-key"),
  replaceHostKey: async (_: object, host: object) => {
    mockDone.push("key");
    return host;
  },
}));
jest.mock("../../../lib/vault/hosts/evict-host", () => ({
  roleIdOf: async () => mockRoleId,
  evictHost: async (_: object, { role, accessor }: { role: string; accessor?: string }) =>
    mockDone.push(`evict ${role} ${accessor}`),
  purgeHost: async () => mockDone.push("purge"),
}));
jest.mock("../../../lib/vault/hosts/write-host", () => ({
  writeHost: async () => {
    mockDone.push("write");
    return { roleId: "second", entityId: "e", token: "t", accessor: "a2", ends: "2026-11-25T13:00:00.000Z" };
  },
}));

const role = "openclaw-host-web1";
const host: HostEntry = {
  ...{ name: "web1", role, keyPath: "secret/openrouter/web1", addresses: [], accessor: "a1" },
  ...{ invited: "2026-11-20T12:00:00.000Z", roleId: "first" },
  key: { sha256: sha256("its key"), label: canary.slice(0, 12), limitUsd: null },
};

function begin() {
  const root = scratchFolder();
  mkdirSync(join(root, "tls"), { recursive: true });
  writeFileSync(join(root, "tls/ca.pem"), "a CA");
  const deployment = describeInstance({}, { home: root });
  const context = {
    ...{ deployment, signal: new AbortController().signal },
    phase: (_: string, work: () => unknown) => work(),
  } as unknown as EngineContext;
  const askAdminToken = () => Promise.reject(new Error("asked"));
  return {
    home: deployment.home,
    invite: (options: Partial<InviteOptions>) =>
      inviteHost(context, {
        ...{ name: "web1", ttl: 900, addresses: [], again: false, graceSeconds: 0, askAdminToken },
        ...options,
      }),
    evict: (purge = false) => evict(context, { name: "web1", purge, askAdminToken }),
  };
}

beforeEach(() => {
  mockDone.length = 0;
  mockRoleId = "first";
  mockSecret = { key: "its key" };
});

test("a host that is invited again gets another role: a restore of an older backup evicts the ended credential", async () => {
  const { home, invite } = begin();
  writeHosts(home, { hosts: [host], evicted: [] });
  await invite({ again: true });
  expect(mockDone).toEqual([`evict ${role} a1`, "write"]);
  const { hosts, evicted } = readHosts(home);
  expect(evicted).toMatchObject([{ role, roleId: "first" }]);
  expect(hosts).toMatchObject([{ name: "web1", roleId: "second", accessor: "a2" }]);
});

test("what ends a host's access is asked of the admin's token before any of it is done", async () => {
  const ending = [`auth/approle/role/${role}`, `sys/policies/acl/${role}`, `identity/entity/name/${role}`];
  const mayEnd = () => ending.every((path) => mockNeeds[path]?.includes("delete"));
  const { home, invite, evict } = begin();
  mockSecret = undefined;
  await invite({ given: "a key" });
  expect(mayEnd()).toBe(false);
  mockSecret = { key: "its key" };
  writeHosts(home, { hosts: [host], evicted: [] });
  await invite({ again: true });
  expect(mayEnd()).toBe(true);
  await evict(true);
  expect(mayEnd()).toBe(true);
  expect(mockNeeds["secret/metadata/openrouter/web1"]).toEqual(["delete"]);
});

test("an evicted host's name can be given again: its new key replaces the one that it left", async () => {
  const { home, invite, evict } = begin();
  writeHosts(home, { hosts: [host], evicted: [] });
  await evict();
  mockDone.length = 0;
  await invite({ given: "a new key" });
  expect(mockDone).toEqual(["key", "write"]);
});

test.each([
  ["the key of another instance", { key: "another key" }],
  ["a secret without a key", { key: undefined, fields: { password: "p" } }],
])("%s, stored since at an evicted host's path, is not replaced", async (_, secret) => {
  const { home, invite, evict } = begin();
  writeHosts(home, { hosts: [host], evicted: [] });
  await evict();
  mockDone.length = 0;
  mockSecret = secret;
  await expect(invite({ given: "a new key" })).rejects.toThrow("no invitation of this instance stored");
  expect(mockDone).toEqual([]);
  expect(readHosts(home).hosts).toEqual([]);
});

test("an eviction does not purge what somebody else stored at the host's path", async () => {
  const { home, evict } = begin();
  writeHosts(home, { hosts: [{ ...host, earlierKeys: [sha256("its earlier key")] }], evicted: [] });
  mockSecret = { key: "another key", version: 2, created: "2026-11-25T12:00:00.000Z" };
  await expect(evict(true)).rejects.toThrow("is not what this instance stored for the host");
  expect(mockDone).toEqual([]);
  // As a restore of an older backup brings it back.
  mockSecret = { key: "its earlier key" };
  await evict(true);
  expect(mockDone).toEqual([`evict ${role} a1`, "purge"]);
});

test("an eviction after a restore ends the access in the previous data too, where the role has another id", async () => {
  for (const present of [undefined, "of the backup"]) {
    const { home, evict } = begin();
    writeHosts(home, { hosts: [host], evicted: [] });
    mockRoleId = present;
    await evict();
    const roleIds = readHosts(home).evicted.map(({ roleId }) => roleId);
    expect(roleIds).toEqual([...(present ? [present] : []), "first"]);
  }
});
