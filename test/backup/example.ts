import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import type { Manifest } from "../../lib/backup/manifest";

/** What a backup of an instance says of itself. */
export const exampleManifest: Manifest = {
  format: "openclaw-openrouter backup",
  version: 2,
  program: "openclaw-openrouter 0.0.0",
  instance: "default",
  instanceId: "6f2f4f5e-3a5f-4d5e-8b3b-6a1a3a8d9f10",
  created: "2026-11-25T12:00:00.000Z",
  vault: { version: "1.21.2", clusterId: "c", seal: "shamir", shares: 5, threshold: 3, generation: 1 },
  declaration: "0".repeat(64),
  withShares: false,
};

/** A file of the form of Vault's snapshots, with other content. */
export async function writeSnapshot(path: string, size = 200_000): Promise<void> {
  const members = { "meta.json": "{}", "state.bin": "x".repeat(size) };
  const archive = pack();
  for (const [name, content] of Object.entries(members)) archive.entry({ name }, content);
  const sums = Object.entries(members).map(
    ([name, content]) => `${createHash("sha256").update(content).digest("hex")}  ${name}\n`,
  );
  archive.entry({ name: "SHA256SUMS" }, sums.join(""));
  archive.finalize();
  writeFileSync(path, await buffer(archive.pipe(createGzip({ level: 0 }))));
}
