import type { DriftContext } from "../../lib/drift/context";
import { vaultHosts } from "../../lib/drift/probes/vault-hosts";
import { identityOfHost } from "../../lib/model/hosts";
import { roleParameters } from "../../lib/model/vault/identities";
import { type HostEntry, writeHosts } from "../../lib/store/records/hosts-record";
import { VaultFailure } from "../../lib/vault/client";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const role = "openclaw-host-web1";
const names = { role, keyPath: "secret/openrouter/web1" };
const host: HostEntry = {
  ...{ ...names, name: "web1", roleId: "first", entityId: "entity-1", invited: "2026-11-25T12:00:00.000Z" },
  addresses: ["10.0.0.7/32", "10.1.0.0/16", "FD00:0::7/128"],
};
const declaredIn = (external?: object) => identityOfHost(names, host.addresses, external === undefined);
const declared = declaredIn();

/** The role as Vault 1.21 gives it back. */
const asWritten = {
  ...{ ...roleParameters(declared), local_secret_ids: false },
  token_bound_cidrs: ["10.0.0.7", "10.1.0.0/16", "fd00::7"],
};

interface Present {
  /** Undefined: gone. A number: Vault's refusal. */
  readonly role?: object | number | undefined;
  readonly policy?: string;
  /** Undefined: gone. A number: Vault's refusal. */
  readonly entity?: object | number | undefined;
  readonly hosts?: readonly HostEntry[];
  readonly evicted?: readonly string[];
  readonly external?: object;
  /** What differs in the metadata of the host's key; undefined: it is gone. A number: Vault's refusal. */
  readonly key?:
    | { deletion_time?: string; destroyed?: boolean; delete_version_after?: string }
    | number
    | undefined;
}

async function inspect(present: Present) {
  const { hosts = [host], evicted = [], external, policy = declaredIn(external).policy } = present;
  const entity = "entity" in present ? present.entity : { disabled: false, aliases: [{ name: "first" }] };
  const answer = "role" in present ? present.role : asWritten;
  const home = homeOf(scratchFolder());
  const at = "2026-11-26T12:00:00.000Z";
  writeHosts(home, { hosts: [...hosts], evicted: evicted.map((roleId) => ({ role, roleId, at })) });
  const find = async ({ path }: { path: string }, schema: { parse(value: unknown): unknown }) => {
    if (typeof answer === "number") throw new VaultFailure(answer, ["refused"], path);
    if (path.startsWith("secret/metadata/"))
      return metadataOf("key" in present ? present.key : {}, path, schema);
    if (path === "identity/entity/id/entity-1") {
      if (typeof entity === "number") throw new VaultFailure(entity, ["refused"], path);
      return entity && schema.parse({ data: entity });
    }
    const data = path.startsWith("sys/policies/") ? policy && { policy } : answer;
    return data && schema.parse({ data });
  };
  const notInspected: { what: string }[] = [];
  const auditor = { find, forKey: (keyPath: string) => ({ find, keyPath }) };
  const context = { home, deployed: { external }, auditor: async () => auditor, notInspected };
  const found = await vaultHosts.inspect(context as unknown as DriftContext);
  return { found, notInspected, told: found.map(({ severity, id }) => `${severity} ${id}`) };
}

function metadataOf(key: Present["key"], path: string, schema: { parse(value: unknown): unknown }) {
  expect(path).toBe("secret/metadata/openrouter/web1");
  if (typeof key === "number") throw new VaultFailure(key, ["refused"], path);
  if (!key) return undefined;
  const { delete_version_after = "0s", deletion_time = "", destroyed = false } = key;
  const created_time = "2026-11-25T12:00:00.000Z";
  const versions = { 2: { created_time, deletion_time, destroyed } };
  const settings = { delete_version_after, cas_required: false, max_versions: 0 };
  return schema.parse({ data: { current_version: 2, updated_time: created_time, ...settings, versions } });
}

test.each<[string, Present["key"], string]>([
  ["gone", undefined, `critical vault.host-key:${role}`],
  ["deleted", { deletion_time: "2026-11-26T12:00:00Z" }, `critical vault.host-key:${role}`],
  ["destroyed", { destroyed: true }, `critical vault.host-key:${role}`],
  ["about to be deleted", { deletion_time: "2999-11-26T12:00:00Z" }, `major vault.host-key:${role}:expires`],
  ["to be deleted after a time", { delete_version_after: "48h0m0s" }, `major vault.host-key:${role}:expires`],
])("a key of a host that is %s is drift", async (_, key, told) => {
  expect((await inspect({ key })).told).toEqual([told]);
  // Its owner decides about it, and the auditor may not read it there.
  expect((await inspect({ key, external: {} })).told).toEqual([]);
});

test("metadata that the auditor may not read is drift of its policy", async () => {
  expect((await inspect({ key: 403 })).told).toEqual([]);
});

test("a role as its invitation wrote it is no drift, though Vault spells its addresses otherwise", async () => {
  expect((await inspect({})).told).toEqual([]);
});

test.each<[string, object, string, string]>([
  ["bound to no address", { token_bound_cidrs: [] }, "critical", "token_bound_cidrs"],
  [
    "bound to more addresses",
    { secret_id_bound_cidrs: ["10.0.0.0/8", "10.1.0.0/16", "fd00::7/128"] },
    "critical",
    "secret_id_bound_cidrs",
  ],
  ["without a secret id", { bind_secret_id: false }, "critical", "bind_secret_id"],
  ["with another policy", { token_policies: [role, "admin"] }, "critical", "token_policies"],
  ["with long tokens", { token_ttl: 2_764_800 }, "major", "token_ttl"],
  ["with a secret id that ends", { secret_id_num_uses: 1 }, "major", "secret_id_num_uses"],
])("a role %s is drift", async (_, change, severity, field) => {
  const { told, found } = await inspect({ role: { ...asWritten, ...change } });
  expect(told).toEqual([`${severity} vault.role:${role}:${field}`]);
  expect(found[0]?.fix).toMatchObject({
    by: "person",
    command: expect.stringContaining("host invite web1 --again --address 10.0.0.7/32"),
  });
});

test("a policy that reads more than the host's key is drift, also where that is not a key of this program", async () => {
  const policy = `${declared.policy}path "secret/data/bank" {\n  capabilities = ["read"]\n}\n`;
  const { told, found } = await inspect({ policy });
  expect(told).toEqual([`critical vault.policy:${role}`]);
  // The same change can give it another key.
  expect(found[0]?.explains).toEqual([`vault.access:auth/approle/role/${role}`]);
});

test("a role that is gone cuts its host off; one that was taken away, or never written, does not", async () => {
  expect((await inspect({ role: undefined })).told).toEqual([`major vault.role:${role}`]);
  expect((await inspect({ role: undefined, evicted: ["first"] })).told).toEqual([]);
  const { roleId: _, ...incomplete } = host;
  expect((await inspect({ role: undefined, hosts: [incomplete] })).told).toEqual([]);
});

test("an evicted host that can log in again is drift, as after a restore of Vault's data by its owner", async () => {
  const back = await inspect({ hosts: [], evicted: ["first", "second"] });
  expect(back.told).toEqual([`critical vault.evicted:${role}`]);
  expect(back.found[0]?.fix.command).toContain(`vault delete auth/approle/role/${role}`);
  // Its eviction was recorded, and failed.
  const failed = await inspect({ evicted: ["first"] });
  expect(failed.found[0]?.fix.command).toBe("openclaw-openrouter host evict web1");
  // It was invited again.
  expect((await inspect({ evicted: ["earlier"] })).told).toEqual([]);
  expect((await inspect({ role: undefined, hosts: [], evicted: ["first"] })).told).toEqual([]);
});

test.each<[string, object | undefined, string]>([
  ["of an earlier one", { disabled: false, aliases: [{ name: "earlier" }] }, "critical"],
  ["gone", undefined, "critical"],
  ["disabled", { disabled: true, aliases: [{ name: "first" }] }, "major"],
])("a role whose entity is %s is not the invitation's, though it is like it", async (_, entity, severity) => {
  const { told, found } = await inspect({ entity, evicted: ["earlier"] });
  expect(told).toEqual([`${severity} vault.entity:${role}`]);
  expect(found[0]?.fix.command).toContain("host invite web1 --again --address 10.0.0.7/32");
});

test("an entity that may not be read, or of a role that is gone, is no finding of its own", async () => {
  expect((await inspect({ entity: 403 })).told).toEqual([]);
  expect((await inspect({ entity: undefined })).told).toEqual([`major vault.entity:${role}`]);
  expect((await inspect({ entity: undefined, role: undefined })).told).toEqual([`major vault.role:${role}`]);
});

test("what an external Vault's owner does not show is named", async () => {
  const external = { prefix: "openclaw-a", keyPath: "secret/openrouter" };
  const { told, notInspected } = await inspect({ role: 403, external });
  expect(told).toEqual([]);
  expect(notInspected.map(({ what }) => what)).toEqual([`vault.hosts: role ${role}`]);
  const half = await inspect({ entity: 403, external });
  expect(half.notInspected.map(({ what }) => what)).toEqual([`vault.hosts: entity ${role}`]);
  // In an own Vault that is a change of the auditor's policy, which another probe tells.
  expect((await inspect({ role: 403 })).notInspected).toEqual([]);
});
