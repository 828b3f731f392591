import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createGzip, gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { verifySnapshot } from "../../lib/vault/snapshot";

/** A snapshot of the form that Vault gives, with other content. */
async function snapshot(change: { sums?: string } = {}): Promise<Buffer> {
  const members = { "meta.json": "{}", "state.bin": "x".repeat(100_000) };
  const sums = Object.entries(members).map(
    ([name, content]) => `${createHash("sha256").update(content).digest("hex")}  ${name}\n`,
  );
  const archive = pack();
  for (const [name, content] of Object.entries(members)) archive.entry({ name }, content);
  archive.entry({ name: "SHA256SUMS" }, change.sums ?? sums.join(""));
  archive.finalize();
  return buffer(archive.pipe(createGzip({ level: 0 })));
}

const verify = (bytes: Buffer) => verifySnapshot(Readable.from([bytes]), bytes.length);

describe("a snapshot's verification", () => {
  test("passes a whole one", async () => {
    await expect(verify(await snapshot())).resolves.toBeGreaterThan(100_000);
  });

  test.each([1, 5, 100, 50_000])("refuses one without its last %i bytes", async (missing) => {
    const whole = await snapshot();
    await expect(verify(whole.subarray(0, whole.length - missing))).rejects.toThrow("is damaged");
  });

  test("refuses one with a changed byte", async () => {
    const bytes = await snapshot();
    bytes[60_000] = 0;
    await expect(verify(bytes)).rejects.toThrow("is damaged");
  });

  test.each([
    ["without checksums", ""],
    ["with a checksum of what is not in it", `${"0".repeat(64)}  other.bin\n`],
  ])("refuses one %s", async (_, sums) => {
    await expect(verify(await snapshot({ sums }))).rejects.toThrow("is damaged");
  });

  test("refuses what would make more of itself than a snapshot does, without reading all of it", async () => {
    const archive = pack();
    archive.entry({ name: "state.bin" }, Buffer.alloc(100 * 2 ** 20));
    archive.finalize();
    await expect(verify(gzipSync(await buffer(archive)))).rejects.toThrow("at most");
  });

  test.each(["SHA256SUMS", "meta.json"])("holds no %s of any size in memory", async (name) => {
    const archive = pack();
    archive.entry({ name }, "x".repeat(2 ** 21));
    archive.finalize();
    await expect(verify(gzipSync(await buffer(archive)))).rejects.toThrow("at most");
  });

  test("refuses a file that is no snapshot", async () => {
    await expect(verify(Buffer.from("hello"))).rejects.toThrow("is damaged");
  });
});
