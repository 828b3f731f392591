import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inviteHost } from "../../../lib/operations/hosts/invite";
import type { EngineContext } from "../../../lib/session/context";
import { readHosts, writeHosts } from "../../../lib/store/records/hosts-record";
import type { VaultClient } from "../../../lib/vault/client";
import { canary, describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const mockDone: string[] = [];
let mockRoleId: string | undefined;
jest.mock("../../../lib/operations/hosts/as-admin", () => ({
  asAdmin: (_: object, __: object, work: (admin: VaultClient) => unknown) =>
    work({ forKey: () => ({}) } as unknown as VaultClient),
}));
jest.mock("../../../lib/operations/hosts/clean-up", () => ({
  cleanUp: async () => ({ done: [], left: [] }),
}));
jest.mock("../../../lib/vault/secret-store", () => ({ findSecret: async () => ({ key: "its key" }) }));
jest.mock("../../../lib/vault/hosts/evict-host", () => ({
  roleIdOf: async () => mockRoleId,
  evictHost: async (_: object, { role, accessor }: { role: string; accessor?: string }) =>
    mockDone.push(`evict ${role} ${accessor}`),
}));
jest.mock("../../../lib/vault/hosts/write-host", () => ({
  writeHost: async () => {
    mockDone.push("write");
    return { roleId: "second", entityId: "e", token: "t", accessor: "a2", ends: "2026-11-25T13:00:00.000Z" };
  },
}));

test("a host that is invited again gets another role: a restore of an older backup evicts the ended credential", async () => {
  const root = scratchFolder();
  mkdirSync(join(root, "tls"), { recursive: true });
  writeFileSync(join(root, "tls/ca.pem"), "a CA");
  const deployment = describeInstance({}, { home: root });
  const { home } = deployment;
  const role = "openclaw-host-web1";
  const key = { sha256: "0", label: canary.slice(0, 12), limitUsd: null };
  const host = { name: "web1", role, keyPath: "secret/openrouter/web1", addresses: [], key };
  writeHosts(home, {
    hosts: [{ ...host, invited: "2026-11-20T12:00:00.000Z", roleId: "first", accessor: "a1" }],
    evicted: [],
  });
  mockRoleId = "first";
  const context = {
    ...{ deployment, signal: new AbortController().signal },
    phase: (_: string, work: () => unknown) => work(),
  } as unknown as EngineContext;
  await inviteHost(context, {
    ...{ name: "web1", ttl: 900, addresses: [], again: true, graceSeconds: 0 },
    askAdminToken: () => Promise.reject(new Error("asked")),
  });
  expect(mockDone).toEqual([`evict ${role} a1`, "write"]);
  const { hosts, evicted } = readHosts(home);
  expect(evicted).toMatchObject([{ role, roleId: "first" }]);
  expect(hosts).toMatchObject([{ name: "web1", roleId: "second", accessor: "a2" }]);
});
