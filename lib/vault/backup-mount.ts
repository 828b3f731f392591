import { createHash } from "node:crypto";
import { z } from "zod";
import type { VaultClient } from "./client";
import { anything } from "./schemas";

/** The mount of ours, beside the secrets: key-value, version 1. The deployer writes to it; only a root token reads it. */
export const backupMount = {
  path: "openclaw/",
  type: "kv",
  options: { version: "1" },
  description: "Kept for backups by openclaw-openrouter",
} as const;

/** One document, in pieces: Vault's storage takes an entry of less than 1 MiB. */
const folder = "openclaw/backup";
const head = `${folder}/head`;
const piece = (index: number) => `${folder}/${index}`;

/** Of a piece, in bytes: base64 makes half a MiB of it. */
const pieceSize = 384 * 1024;

/** More pieces than the largest document has. */
const mostPieces = 96;

const headSchema = z.object({
  data: z.object({ pieces: z.int().min(1).max(mostPieces), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});
const pieceSchema = z.object({ data: z.object({ content: z.base64() }) });

/** As root, if it is missing. */
export async function makeBackupMount(root: VaultClient): Promise<void> {
  const { path, ...body } = backupMount;
  await root.call({ method: "POST", path: `sys/mounts/${path.replace("/", "")}`, body }, anything);
}

/** As the deployer: replaces what is there. The next snapshot has it. */
export async function writeForBackup(deployer: VaultClient, document: Buffer): Promise<void> {
  const pieces = Math.max(1, Math.ceil(document.length / pieceSize));
  for (let index = 0; index < pieces; index++) {
    const content = document.subarray(index * pieceSize, (index + 1) * pieceSize).toString("base64");
    await deployer.call({ method: "POST", path: piece(index), body: { content } }, anything);
  }
  const sha256 = createHash("sha256").update(document).digest("hex");
  await deployer.call({ method: "POST", path: head, body: { pieces, sha256 } }, anything);
  for (const name of await deployer.list(folder)) {
    if (name !== "head" && !(Number(name) < pieces))
      await deployer.call({ method: "DELETE", path: `${folder}/${name}` }, anything);
  }
}

/**
 * As root: what was written before the snapshot was taken.
 * @returns undefined if there is nothing, or not all of it
 */
export async function readFromBackup(root: VaultClient): Promise<Buffer | undefined> {
  const data = (await root.find({ path: head }, headSchema))?.data;
  if (!data) return undefined;
  const pieces: Buffer[] = [];
  for (let index = 0; index < data.pieces; index++) {
    const found = await root.find({ path: piece(index) }, pieceSchema);
    if (!found) return undefined;
    pieces.push(Buffer.from(found.data.content, "base64"));
  }
  const document = Buffer.concat(pieces);
  return createHash("sha256").update(document).digest("hex") === data.sha256 ? document : undefined;
}
