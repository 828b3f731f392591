import { takeInventory } from "../../lib/backup/inventory";
import { VaultClient } from "../../lib/vault/client";
import { type Answer, serveStub } from "../support/vault/server";

/** The names of people's own, as Vault lists them: it decodes each part of a path. */
const listed: Readonly<Record<string, readonly string[]>> = {
  "sys/policies/acl": ["my pol#icy"],
  "auth/approle/role": ["who?"],
  "secret/metadata/": ["c#", "what?", "100%", "größe", "f#g/"],
  "secret/metadata/f#g/": ["x y"],
  "old mount/": ["a#", "b?/"],
  "old mount/b?/": ["c d"],
};
const values: Readonly<Record<string, object>> = {
  "sys/mounts": {
    "secret/": { type: "kv", options: { version: "2" }, accessor: "a" },
    "old mount/": { type: "kv", options: { version: "1" }, accessor: "b" },
  },
  "sys/auth": {},
  "sys/audit": {},
  "sys/policies/acl/my pol#icy": { policy: "path" },
  "auth/approle/role/who?": { token_ttl: 1 },
};

/** A Vault with these, which every secret of `secret/` has one version of. */
function answer({ name }: { name: string }): Answer {
  const [method = "", ...rest] = name.split(" ");
  const path = decodeURIComponent(rest.join(" ").split(/[?#]/)[0] ?? "");
  const keys = method === "LIST" ? listed[path] : undefined;
  if (keys) return [200, { data: { keys } }];
  const isSecret = listed[path.replace(/[^/]+$/, "").replace("/data/", "/metadata/")]?.includes(
    path.split("/").at(-1) ?? "",
  );
  const versions = { 1: { created_time: "then", destroyed: false } };
  const data =
    values[path] ?? (isSecret ? (path.includes("metadata/") ? { versions } : { k: path }) : undefined);
  return data && method === "GET" ? [200, { data }] : [404, { errors: [] }];
}

test("everything of a Vault is compared, whatever people named it", async () => {
  const stub = await serveStub(answer);
  try {
    const found = await takeInventory(VaultClient.at({ address: stub.address }).withToken("t"), "salt");
    expect([...found.keys()].filter((name) => !name.startsWith("mount "))).toEqual([
      ...["policy my pol#icy", "role who?"],
      ...["c#", "what?", "100%", "größe", "f#g/x y"].map((name) => `secret secret/${name} version 1`),
      ...["a#", "b?/c d"].map((name) => `secret old mount/${name}`),
    ]);
    // Each was read: no two have the digest of a secret that is not there.
    expect(new Set(found.values()).size).toBe(found.size);
  } finally {
    await stub.close();
  }
});
