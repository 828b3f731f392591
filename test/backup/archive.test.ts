import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { pack } from "tar-stream";
import { readArchive, writeArchive } from "../../lib/backup/archive";
import type { Decryption, Encryption } from "../../lib/backup/encryption";
import type { Manifest } from "../../lib/backup/manifest";

const manifest: Manifest = {
  format: "openclaw-openrouter backup",
  version: 1,
  program: "openclaw-openrouter 0.0.0",
  instance: "default",
  instanceId: "6f2f4f5e-3a5f-4d5e-8b3b-6a1a3a8d9f10",
  created: "2026-11-25T12:00:00.000Z",
  vault: { version: "1.21.2", clusterId: "c", seal: "shamir", shares: 5, threshold: 3, generation: 1 },
  declaration: "0".repeat(64),
  withShares: false,
};
const members = [{ name: "home/key.json", content: Buffer.from("{}\n") }];

describe("a backup's file", () => {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  const [snapshot, file, restored] = ["vault.snap", "backup.tar", "restored.snap"].map((name) =>
    join(folder, name),
  ) as [string, string, string];

  beforeAll(async () => {
    const archive = pack();
    const state = "x".repeat(200_000);
    archive.entry({ name: "state.bin" }, state);
    archive.entry({ name: "SHA256SUMS" }, `${createHash("sha256").update(state).digest("hex")}  state.bin\n`);
    archive.finalize();
    writeFileSync(snapshot, await buffer(archive.pipe(createGzip({ level: 0 }))));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (more: { encryption?: Encryption; manifest?: Manifest } = {}) =>
    writeArchive(file, { manifest, members, snapshot, ...more });
  const never = () => Promise.reject(new Error("nobody is asked"));
  const read = (decryption: () => Promise<Decryption> = never) => readArchive(file, restored, decryption);

  test("comes back as it was written, of mode 600, with the checksum that was told", async () => {
    const sha256 = await write();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(createHash("sha256").update(readFileSync(file)).digest("hex")).toBe(sha256);
    const archive = await read();
    expect(archive.manifest).toEqual(manifest);
    expect(archive.members).toContainEqual(members[0]);
    expect(readFileSync(restored)).toEqual(readFileSync(snapshot));
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

  test("of a newer version is refused by name", async () => {
    await write({ manifest: { ...manifest, version: 2 } });
    await expect(read()).rejects.toThrow("newer version of this program");
  });

  test("of something else is refused", async () => {
    const archive = pack();
    archive.entry({ name: "hello" }, "world");
    archive.finalize();
    writeFileSync(file, await buffer(archive));
    await expect(read()).rejects.toThrow("no backup of this program");
  });

  test("with a member that would lie elsewhere is refused", async () => {
    await writeArchive(file, {
      manifest,
      members: [{ name: "home/../../x", content: Buffer.from("") }],
      snapshot,
    });
    await expect(read()).rejects.toThrow("that no backup has");
  });

  test("is opened by the private key of a recipient, and by no other", async () => {
    const identity = await generateIdentity();
    await write({ encryption: { recipients: [await identityToRecipient(identity)] } });
    expect(readFileSync(file, "latin1")).not.toContain("manifest.json");
    expect((await read(async () => ({ identities: [identity] }))).manifest).toEqual(manifest);
    const other = await generateIdentity();
    await expect(read(async () => ({ identities: [other] }))).rejects.toThrow("cannot be decrypted");
  });

  test("is opened by its passphrase, and a wrong one is not shown", async () => {
    await write({ encryption: { passphrase: "correct horse" } });
    expect((await read(async () => ({ passphrase: "correct horse" }))).manifest).toEqual(manifest);
    const error = await read(async () => ({ passphrase: "battery staple" })).catch(String);
    expect(error).toContain("cannot be decrypted");
    expect(error).not.toContain("staple");
    // A passphrase is made slow to try.
  }, 60_000);
});
