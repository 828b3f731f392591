import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../../../lib/model/deployment";
import {
  recordExport,
  sharesRecordOf,
  sharesToExport,
  writeEncrypted,
} from "../../../lib/operations/shares/export";
import { sharesRecord } from "../../../lib/store/records/shares-record";
import type { PgpKey } from "../../../lib/vault/shares/pgp-keys";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const shares = { shares: ["a", "b", "c"], threshold: 2, generation: 3, created: "2026-11-23T10:00:00.000Z" };
const facts = { generation: 3, shares: 3, threshold: 2, created: shares.created };

test("shares that are off the host are no failed export: `shares remove` asks for them too", () => {
  const home = homeOf(scratchFolder());
  expect(() => sharesToExport({ home } as Deployment)).toThrow(
    /^The shares are not on this host\.\n.*shares status/s,
  );
});

test("an export is recorded with its holders", () => {
  const home = homeOf(scratchFolder());
  const record = recordExport(home, shares, ["ann", "ben"]);
  expect(record).toMatchObject({ ...facts, holders: ["ann", "ben"], exported: expect.any(String) });
  expect(sharesRecord.read(home)).toEqual(record);
});

test("without names, the record of the same generation has the holders and the time of the export", () => {
  const home = homeOf(scratchFolder());
  const { exported } = recordExport(home, shares, ["ann", "ben"]);
  expect(sharesRecordOf(home, shares, [])).toEqual({ ...facts, holders: ["ann", "ben"], exported });
  expect(sharesRecordOf(home, shares, ["eve"])).toEqual({ ...facts, holders: ["eve"], exported });
});

test("the record of another generation says nothing about these shares", () => {
  const home = homeOf(scratchFolder());
  recordExport(home, { ...shares, generation: 2 }, ["ann", "ben"]);
  expect(sharesRecordOf(home, shares, [])).toEqual({ ...facts, holders: [] });
});

test("an export that failed can be run again with the same folder", async () => {
  const folder = join(scratchFolder(), "shares");
  let isBroken = true;
  const key: PgpKey = {
    ...{ holder: "ann", fingerprint: "A".repeat(40), base64: "" },
    encrypt: async (text) => {
      if (isBroken) throw new Error("no such cipher");
      return `encrypted ${text}`;
    },
  };
  await expect(writeEncrypted(shares.shares, [key], folder)).rejects.toThrow("no such cipher");
  expect(existsSync(folder)).toBe(false);
  isBroken = false;
  expect(await writeEncrypted(shares.shares, [key], folder)).toHaveLength(3);
  await expect(writeEncrypted(shares.shares, [key], folder)).rejects.toThrow("cannot be created");
  expect(existsSync(folder)).toBe(true);
});

test("a failed export removes nothing but shares, whatever the owner of the folder above puts in its place", async () => {
  const folder = join(scratchFolder(), "for-people");
  const share = join(folder, "share-1-of-3.0123456789abcdef.asc");
  const exchange = async () => {
    mkdirSync(join(folder, "default"));
    for (const path of [join(folder, "default/shares.json"), join(folder, "shares.json"), share])
      writeFileSync(path, "");
    throw new Error("no such cipher");
  };
  const key = { fingerprint: "F".repeat(40), holder: "ann", encrypt: exchange } as unknown as PgpKey;
  await expect(writeEncrypted(shares.shares, [key], folder)).rejects.toThrow("no such cipher");
  expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
    "default",
    "default/shares.json",
    "shares.json",
  ]);
});
