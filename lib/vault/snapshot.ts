import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { UserError } from "../errors";
import type { VaultClient } from "./client";

/**
 * Takes a snapshot of everything in Vault, encrypted as it lies there, into a file of mode 0600, and verifies it: Vault tells
 * no length, so that one which was cut off looks like a whole one.
 * @param vault as who may read `sys/storage/raft/snapshot`: the deployer
 * @see https://developer.hashicorp.com/vault/api-docs/system/storage/raft#take-a-snapshot-of-the-raft-cluster
 */
export async function takeSnapshot(vault: VaultClient, path: string): Promise<void> {
  await pipeline(await vault.download("sys/storage/raft/snapshot"), createWriteStream(path, { mode: 0o600 }));
  await verifySnapshot(createReadStream(path));
}

/**
 * Puts a snapshot in the place of everything in Vault. All tokens that are not in it end with that.
 * @param vault as root
 * @param foreign whether it may be another Vault's
 */
export async function restoreSnapshot(
  vault: VaultClient,
  snapshot: Readable,
  foreign: boolean,
): Promise<void> {
  await vault.upload(`sys/storage/raft/snapshot${foreign ? "-force" : ""}`, snapshot);
}

/**
 * Reads a snapshot to its end, and compares what is in it with its own checksums. Vault itself takes one without its last
 * bytes for a whole one.
 * @throws UserError where it is damaged
 */
export async function verifySnapshot(snapshot: Readable): Promise<void> {
  const digests = new Map<string, string>();
  let sums: string | undefined;
  const members = extract();
  try {
    const read = pipeline(snapshot, createGunzip(), members);
    read.catch(() => {});
    for await (const member of members) {
      const content = member.header.name === "SHA256SUMS" ? await buffer(member) : undefined;
      if (content) sums = content.toString("utf8");
      else {
        const hash = createHash("sha256");
        for await (const chunk of member) hash.update(chunk as Buffer);
        digests.set(member.header.name, hash.digest("hex"));
      }
    }
    await read;
  } catch (error) {
    throw damaged((error as Error).message);
  }
  const stated =
    sums
      ?.trim()
      .split("\n")
      .map((line) => line.split(/\s+/) as [string, string]) ?? [];
  if (stated.length === 0) throw damaged("no checksums in it");
  for (const [digest, name] of stated)
    if (digests.get(name) !== digest) throw damaged(`${name} is missing, or is not what its checksum says`);
}

function damaged(got: string): UserError {
  return new UserError({
    problem: "The snapshot of Vault is damaged.",
    got,
    expected: "a gzip of a tar with state.bin, meta.json and SHA256SUMS, whole",
    remedy: "Take another one; see that the disk has room.",
  });
}
