import { z } from "zod";
import { sha256 } from "../core/fingerprint";
import type { VaultClient } from "./client";

/**
 * The managed key-value mount (version 1) for the instance's backup data. The deployer writes to it; only a root token reads
 * it.
 */
export const backupMount = {
  path: "openclaw/",
  type: "kv",
  options: { version: "1" },
  description: "Kept for backups by openclaw-openrouter",
} as const;

/** The document is split into pieces, since an entry in Vault's storage must be smaller than 1 MiB. */
const folder = "openclaw/backup";
const head = `${folder}/head`;
const piece = (index: number) => `${folder}/${index}`;

/** The size of a piece in bytes: 0.5 MiB in base64. */
const pieceSize = 384 * 1024;

/** The maximum number of pieces, which no document reaches. */
const mostPieces = 96;

const headSchema = z.object({
  data: z.object({ pieces: z.int().min(1).max(mostPieces), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});
const pieceSchema = z.object({ data: z.object({ content: z.base64() }) });

/** Replaces the document, as the deployer. The next snapshot contains it. */
export async function writeForBackup(deployer: VaultClient, document: Buffer): Promise<void> {
  const pieces = Math.max(1, Math.ceil(document.length / pieceSize));
  for (let index = 0; index < pieces; index++) {
    const content = document.subarray(index * pieceSize, (index + 1) * pieceSize).toString("base64");
    await deployer.write(piece(index), { content });
  }
  await deployer.write(head, { pieces, sha256: sha256(document) });
  for (const name of await deployer.list(folder)) {
    if (name !== "head" && !(Number(name) < pieces)) await deployer.remove(`${folder}/${name}`);
  }
}

/**
 * Reads the document, with a root token: what was written before the snapshot was taken.
 * @returns undefined if it is missing or incomplete
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
  return sha256(document) === data.sha256 ? document : undefined;
}
