import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { readArchive, writeArchive } from "../../lib/backup/archive";
import type { Manifest } from "../../lib/backup/manifest";
import type { SharesMember } from "../../lib/backup/shares-member";
import { exampleManifest as manifest, writeSnapshot } from "./example";

describe("a backup's file", () => {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  const [snapshot, file, restored] = ["vault.snap", "backup.tar", "restored.snap"].map((name) =>
    join(folder, name),
  ) as [string, string, string];

  beforeAll(() => writeSnapshot(snapshot));
  afterEach(() => rmSync(restored, { force: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (more: { shares?: SharesMember; manifest?: Manifest } = {}) =>
    writeArchive(file, `${file}.draft`, { manifest, snapshot, ...more });
  const read = async () => {
    rmSync(restored, { force: true });
    return readArchive(file, restored);
  };

  test("comes back as it was written, of mode 600, with the checksum that was reported", async () => {
    const sha256 = await write();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(createHash("sha256").update(readFileSync(file)).digest("hex")).toBe(sha256);
    const archive = await read();
    expect(archive.manifest).toEqual(manifest);
    expect(archive.shares).toBeUndefined();
    expect(readFileSync(restored)).toEqual(readFileSync(snapshot));
  });

  test("is not made if the owner of its folder puts something else at the name of its draft", async () => {
    const draft = `${file}.draft`;
    const written = write();
    while (!existsSync(draft)) await new Promise(setImmediate);
    rmSync(draft);
    symlinkSync(snapshot, draft);
    await expect(written).rejects.toThrow("ELOOP");
    expect(existsSync(draft)).toBe(false);
  });

  test("is the same to the byte where the same is written", async () => {
    expect(await write()).toBe(await write());
  });

  test.each([1, 1536, 100_000, 200_000])("is refused without its last %i bytes", async (missing) => {
    await write();
    truncateSync(file, statSync(file).size - missing);
    await expect(read()).rejects.toThrow("is damaged");
  });

  test("is refused with any byte of it changed", async () => {
    await write();
    const whole = readFileSync(file);
    const content = whole.length - 2048;
    for (let at = 600; at < content; at += 7919) {
      const bytes = Buffer.from(whole);
      // Padding between two members says nothing either.
      if (bytes[at] === 0) continue;
      bytes[at] = bytes[at]! ^ 0x01;
      writeFileSync(file, bytes);
      await expect(read()).rejects.toThrow();
    }
  });

  test("is not called damaged if its snapshot cannot be written here", async () => {
    await write();
    writeFileSync(restored, "");
    await expect(readArchive(file, restored)).rejects.toThrow(/^EEXIST/);
  });

  test.each([1, 3])("of format %i is refused by name", async (version) => {
    await write({ manifest: { ...manifest, version } });
    await expect(read()).rejects.toThrow(`got:      format ${version}`);
  });

  test("of something else is refused", async () => {
    const archive = pack();
    archive.entry({ name: "hello" }, "world");
    archive.finalize();
    writeFileSync(file, await buffer(archive));
    await expect(read()).rejects.toThrow("is no backup");
  });

  test.each(["../x", "home/key.json", "manifest.json", "__proto__"])(
    "with a member %s besides its own is refused",
    async (name) => {
      await write({ shares: { name, content: Buffer.from("{}") } });
      await expect(read()).rejects.toThrow("not to be there");
    },
  );

  test("brings shares as they were encrypted, and not in two ways", async () => {
    const shares = { name: "shares.age", content: Buffer.from("encrypted") };
    await write({ shares });
    expect((await read()).shares).toEqual(shares);
  });

  test.each(["shares.age", "manifest.json"])(
    "with a %s of any size is refused before it is read",
    async (name) => {
      const archive = pack();
      archive.entry({ name, size: 2 ** 20 }, Buffer.alloc(2 ** 20));
      archive.finalize();
      writeFileSync(file, await buffer(archive));
      await expect(read()).rejects.toThrow("at most");
    },
  );

  test.each([
    ["a link", { type: "symlink", linkname: "/etc/passwd" }],
    ["a device", { type: "character-device" }],
    ["a folder", { type: "directory" }],
    ["a long header", { type: "file", pax: { comment: "x".repeat(4096) } }],
  ] as const)("with %s is refused", async (_, header) => {
    const archive = pack();
    const entry = archive.entry({ name: "vault.snap", ...header });
    if (header.type === "file") entry.end(Buffer.alloc(0));
    archive.finalize();
    writeFileSync(file, await buffer(archive));
    await expect(read()).rejects.toThrow("is damaged, or is no backup");
  });

  test("is not waited for if it is a pipe", async () => {
    rmSync(file);
    execFileSync("mkfifo", [file]);
    await expect(read()).rejects.toThrow("no plain file");
    rmSync(file);
  });
});
