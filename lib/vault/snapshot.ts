import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { UserError } from "../core/errors";
import { withinRoom } from "../core/files/room";
import { readTar } from "../docker/read-tar";
import type { VaultClient } from "./client";

/**
 * Takes a snapshot of everything in Vault, in its encrypted form, into a file of mode 0600, and verifies it: Vault sends no
 * length, so an interrupted snapshot looks complete.
 * @param vault the deployer's client, which can read `sys/storage/raft/snapshot`
 * @see https://developer.hashicorp.com/vault/api-docs/system/storage/raft#take-a-snapshot-of-the-raft-cluster
 */
export async function takeSnapshot(vault: VaultClient, path: string): Promise<void> {
  await pipeline(
    await vault.download("sys/storage/raft/snapshot"),
    (bytes: AsyncIterable<Uint8Array>) =>
      withinRoom(bytes, {
        folder: dirname(path),
        limit: memberLimits["state.bin"],
        what: "Vault's snapshot",
      }),
    createWriteStream(path, { flags: "wx", mode: 0o600 }),
  );
  await verifySnapshot(createReadStream(path), statSync(path).size);
}

/** Replaces everything in Vault with a snapshot, of whatever Vault. All tokens that are not in it become invalid. */
export function restoreSnapshot(root: VaultClient, snapshot: Readable): Promise<void> {
  return root.upload("sys/storage/raft/snapshot-force", snapshot);
}

/** The members of a snapshot, with the maximum size of each in bytes. */
const memberLimits = {
  "meta.json": 2 ** 20,
  "state.bin": 2 ** 34,
  SHA256SUMS: 4096,
  "SHA256SUMS.sealed": 2 ** 16,
};

/** The maximum size of the uncompressed state. Its values are encrypted, so gzip hardly compresses it. */
function largestState(compressed: number): number {
  return 8 * compressed + 64 * 2 ** 20;
}

/**
 * Reads a snapshot to its end, and compares its members with its own checksums. Vault itself accepts a snapshot whose last
 * bytes are missing.
 * @param size the size of the file, in bytes
 * @returns the size of the uncompressed snapshot, in bytes
 * @throws UserError if it is damaged
 */
export async function verifySnapshot(snapshot: Readable, size: number): Promise<number> {
  const digests = new Map<string, string>();
  let sums = "";
  let length = 0;
  const gunzip = createGunzip();
  const limits = { ...memberLimits, "state.bin": Math.min(memberLimits["state.bin"], largestState(size)) };
  try {
    // If one of the two fails, the other ends with it and reports why.
    const read = pipeline(snapshot, gunzip).catch(() => {});
    await readTar(gunzip, limits, async ({ name, content }) => {
      const hash = createHash("sha256");
      for await (const chunk of content) {
        length += chunk.length;
        hash.update(chunk);
        if (name === "SHA256SUMS") sums += chunk.toString("latin1");
      }
      digests.set(name, hash.digest("hex"));
    });
    await read;
  } catch (error) {
    throw damaged((error as Error).message);
  } finally {
    snapshot.destroy();
  }
  const stated = sums
    .trim()
    .split("\n")
    .map((line) => line.split(/ +/) as [string, string]);
  const named = new Map(stated.map(([digest, name]) => [name, digest]));
  for (const name of ["meta.json", "state.bin"]) {
    if (!digests.has(name) || digests.get(name) !== named.get(name))
      throw damaged(`${name} is missing, or is not what its checksum says`);
  }
  return length;
}

function damaged(got: string): UserError {
  return new UserError({
    problem: "The snapshot of Vault is damaged.",
    got,
    expected: "a gzip of a tar with state.bin, meta.json and SHA256SUMS, whole",
    fix: "Take another one. Make sure that the disk has room.",
  });
}
