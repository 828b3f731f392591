import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstEntries } from "../../lib/core/files/entries";
import { accountOf } from "../../lib/core/system/os-user";
import { keyRemoval, searchPlainKeys } from "../../lib/openclaw/folder/plain-keys";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

jest.mock("../../lib/core/files/entries", () => {
  const { firstEntries } = jest.requireActual("../../lib/core/files/entries");
  return { firstEntries: jest.fn(firstEntries) };
});

const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;
let folder: string;
const put = (name: string, content: string | Buffer) => {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), content);
};
const search = (limits?: object) => searchPlainKeys(folder, accountOf(), limits);

beforeEach(() => {
  folder = scratchFolder();
});

test("finds a key in a file of any form, across the pieces in which it is read", async () => {
  put(".env", `OPENROUTER_API_KEY=${key}\n`);
  put("agents/main/agent/auth-profiles.json", JSON.stringify({ profiles: { x: { key } } }));
  put(
    "state/openclaw.sqlite-wal",
    Buffer.concat([Buffer.alloc(256 * 1024 - 40, 1), Buffer.from(key), Buffer.alloc(99)]),
  );
  put("state/openclaw.sqlite", Buffer.alloc(700_000, 7));
  put("openclaw.json", '{ "label": "sk-or-v1-012...def" }');
  expect(await search()).toEqual({
    files: [".env", "state/openclaw.sqlite-wal", "agents/main/agent/auth-profiles.json"].sort(
      (one, other) => one.split("/").length - other.split("/").length,
    ),
  });
});

test("says what it did not search", async () => {
  put("a/large", Buffer.alloc(3_000_000));
  put("z/.env", key);
  expect(await search({ bytes: 2_000_000 })).toEqual({ files: [], notSearched: "there are more than 2 MB" });
  expect(await search({ time: -1 })).toMatchObject({
    notSearched: expect.stringContaining("it takes more than"),
  });
});

test("lists no more of a folder than it searches", async () => {
  const listed = jest.mocked(firstEntries).mockClear();
  put("0", "");
  for (let number = 1; number < 50; number++) linkSync(join(folder, "0"), join(folder, `${number}`));
  expect(await search({ entries: 20, time: 60_000 })).toEqual({
    files: [],
    notSearched: "there are more than 20 files",
  });
  expect(listed.mock.results.map(({ value }) => value.length)).toEqual([21]);
});

test("follows no link, and waits for no pipe", async () => {
  const elsewhere = scratchFolder();
  writeFileSync(join(elsewhere, "key"), key);
  symlinkSync(elsewhere, join(folder, "linked"));
  symlinkSync(join(elsewhere, "key"), join(folder, "linked-file"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  expect(await search()).toEqual({ files: [] });
});

testAsRoot("reads with the rights of the folder's user", async () => {
  const nobody = accountOf("nobody");
  chmodSync(folder, 0o755);
  put("theirs", key);
  put("roots", key);
  chownSync(join(folder, "theirs"), nobody.uid, nobody.gid);
  for (const name of ["theirs", "roots"]) chmodSync(join(folder, name), 0o600);
  expect(await searchPlainKeys(folder, nobody)).toEqual({ files: ["theirs"] });
});

test.each([
  ["a file", "/oc/.env", "Remove it from /oc/.env"],
  ["a database", "/oc/state/openclaw.sqlite", "sqlite3 /oc/state/openclaw.sqlite VACUUM"],
  ["one whose name an agent chose", "/oc/x;id.sqlite", "sqlite3 '/oc/x;id.sqlite' VACUUM"],
  ["a write-ahead log", "/oc/state/openclaw.sqlite-wal", "sqlite3 /oc/state/openclaw.sqlite VACUUM"],
])("how a key is removed from %s", (_, path, how) => {
  expect(keyRemoval(path)).toContain(how);
});
