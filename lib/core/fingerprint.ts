import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** SHA-256 in hexadecimal digits. */
export function sha256(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * SHA-256 of a file, in hexadecimal digits.
 * @param longest the most bytes, for a file that another user can exchange: a longer one has another digest. @default any number
 * @throws the system's error if it cannot be read; an error for a pipe or a device, of which no end comes
 */
export async function sha256OfFile(path: string, longest = Number.POSITIVE_INFINITY): Promise<string> {
  const hash = createHash("sha256");
  // Opening a pipe without a writer would block forever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error("no plain file");
    await pipeline(file.createReadStream({ autoClose: false, end: longest }), hash);
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
