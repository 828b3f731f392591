import type { Contents } from "../../lib/backup/contents";
import { proveHosts } from "../../lib/backup/prove-hosts";
import type { HostEntry } from "../../lib/store/records/hosts-record";

const role = "openclaw-host-web1";
const own = { sha256: "a", hash: "a", label: "sk-or-v1-abc...123", limitUsd: 30 };
const production = { sha256: "p", hash: "p", label: "sk-or-v1-bed...456", limitUsd: null };
const found = [{ name: "web1", role, roleId: "id", key: { sha256: "a", preview: "sk-or-v1-abc" } }];

/** The host of a record with these fields, as a restore takes it, and what is left out. */
function taken(fields: Partial<HostEntry>, inVault = found) {
  const host = { name: "web1", role, keyPath: "secret/openrouter/web1", addresses: [], roleId: "id" };
  const record = { hosts: [{ ...host, invited: "2026-11-01T00:00:00Z", ...fields }], evicted: [] };
  const files = new Map([["hosts.json", JSON.stringify(record)]]);
  const { contents, unproved } = proveHosts({ files } as unknown as Contents, inVault);
  const { key, newKey } = JSON.parse(contents.files.get("hosts.json")!).hosts[0];
  return { key, newKey, unproved };
}

test("a host keeps the key that Vault holds for it", () => {
  expect(taken({ key: own })).toEqual({ key: own, unproved: [] });
  const { hash: _, ...given } = own;
  expect(taken({ key: given })).toEqual({ key: given, unproved: [] });
  const replacing = {
    key: { ...own, sha256: "before", hash: "before" },
    newKey: { key: own, graceSeconds: 1 },
  };
  expect(taken(replacing)).toEqual({ key: own, unproved: ["sk-or-v1-abc...123 of web1"] });
});

// With a management key, an eviction disables the host's key, and a rotation deletes it.
test.each<[string, Partial<HostEntry>, string]>([
  ["as its key", { key: production }, production.label],
  ["by the hash at OpenRouter", { key: { ...own, hash: "p" } }, own.label],
  ["by the label, for a person", { key: { ...own, label: production.label } }, production.label],
  ["as one that was to replace it", { newKey: { key: production, graceSeconds: 0 } }, production.label],
  ["as one that was being made", { newKey: { name: "a name", graceSeconds: 0 } }, "a name"],
])(
  "another key that a forged record names %s gives way to the host's own, and is reported",
  (_, fields, told) => {
    const { key, newKey, unproved } = taken(fields);
    expect([Object.keys(key), newKey]).toEqual([["sha256", "label", "limitUsd"], undefined]);
    expect([key.sha256, key.label]).toEqual(["a", "sk-or-v1-abc…"]);
    expect(unproved).toEqual([`${told} of web1`]);
  },
);

test("so is that of a host that Vault does not serve; a backup without hosts is as it was", () => {
  expect(taken({ key: own }, [])).toEqual({ unproved: ["sk-or-v1-abc...123 of web1"] });
  const contents = { files: new Map() } as unknown as Contents;
  expect(proveHosts(contents, [])).toEqual({ contents, unproved: [] });
});
