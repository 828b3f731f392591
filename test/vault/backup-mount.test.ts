import { randomBytes } from "node:crypto";
import { backupMount, readFromBackup, writeForBackup } from "../../lib/vault/backup-mount";
import { VaultClient } from "../../lib/vault/client";
import { makeMount } from "../../lib/vault/secret-store";
import { type Call, type Stub, serveStub } from "../support/vault/server";

/** The mount as Vault keeps it: an entry a path. */
const entries = new Map<string, unknown>();
const mounted: unknown[] = [];
let stub: Stub;

function answer({ name, body }: Call): [number, unknown?] {
  const [method, path = ""] = name.split(" ");
  if (path === "sys/mounts/openclaw") return mounted.push(body) > 0 ? [204] : [500];
  if (method === "POST") return entries.set(path, body) ? [204] : [500];
  if (method === "DELETE") return entries.delete(path) ? [204] : [404, { errors: [] }];
  if (method === "LIST") {
    const keys = [...entries.keys()].map((each) => each.slice(path.length + 1));
    return keys.length > 0 ? [200, { data: { keys } }] : [404, { errors: [] }];
  }
  return entries.has(path) ? [200, { data: entries.get(path) }] : [404, { errors: [] }];
}

beforeAll(async () => {
  stub = await serveStub(answer);
});
beforeEach(() => entries.clear());
afterAll(() => stub.close());

const vault = () => VaultClient.at({ address: stub.address });
const large = randomBytes(900_000);

test("is made as version 1 of the engine", async () => {
  await makeMount(vault(), backupMount);
  expect(mounted).toEqual([expect.objectContaining({ type: "kv", options: { version: "1" } })]);
});

test("what is written comes back, in pieces that Vault's storage takes; what is shorter leaves no earlier one", async () => {
  await writeForBackup(vault(), large);
  expect((await readFromBackup(vault()))?.equals(large)).toBe(true);
  for (const entry of entries.values()) expect(JSON.stringify(entry).length).toBeLessThan(600_000);
  expect(entries.size).toBe(4);
  await writeForBackup(vault(), Buffer.from("short"));
  expect((await readFromBackup(vault()))?.toString()).toBe("short");
  expect([...entries.keys()].sort()).toEqual(["openclaw/backup/0", "openclaw/backup/head"]);
});

test("nothing, half of it, and pieces of two documents are no record", async () => {
  expect(await readFromBackup(vault())).toBeUndefined();
  await writeForBackup(vault(), large);
  entries.set("openclaw/backup/1", { content: "AAAA" });
  expect(await readFromBackup(vault())).toBeUndefined();
  entries.delete("openclaw/backup/1");
  expect(await readFromBackup(vault())).toBeUndefined();
});
