import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable, Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract, type Pack, pack } from "tar-stream";
import { UserError } from "../errors";
import { syncFolder } from "../instance/files";
import { verifySnapshot } from "../vault/snapshot";
import { type Decryption, decrypted, type Encryption, encrypted, encryptedBegins } from "./encryption";
import type { Member } from "./home-members";
import { backupVersion, type Manifest, manifest, memberNames } from "./manifest";

export interface WriteArchiveOptions {
  readonly manifest: Manifest;
  readonly members: readonly Member[];
  /** The file of Vault's snapshot. */
  readonly snapshot: string;
  /** @default the file is as it is: what is secret in it, Vault has encrypted */
  readonly encryption?: Encryption;
}

/**
 * Writes a backup: a tar of mode 0600, with the checksums of all that is in it as its last member. It is there whole, or not
 * at all.
 * @param path in a folder that is there
 * @returns the SHA-256 of the file
 */
export async function writeArchive(path: string, options: WriteArchiveOptions): Promise<string> {
  const draft = `${path}.${process.pid}.draft`;
  const hash = createHash("sha256");
  try {
    const archive = pack();
    const filled = fill(archive, options);
    filled.catch((error) => archive.destroy(error));
    const plain = Readable.from(archive);
    const content = options.encryption ? await encrypted(plain, options.encryption) : plain;
    await pipeline(content, passing(hash), createWriteStream(draft, { flags: "wx", mode: 0o600 }));
    await filled;
    const handle = openSync(draft, "r");
    fsyncSync(handle);
    closeSync(handle);
    renameSync(draft, path);
    syncFolder(dirname(path));
    return hash.digest("hex");
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

async function fill(archive: Pack, options: WriteArchiveOptions): Promise<void> {
  const sums: string[] = [];
  const members = [
    { name: memberNames.manifest, content: Buffer.from(`${JSON.stringify(options.manifest, null, 2)}\n`) },
    ...options.members,
  ];
  for (const { name, content } of members) {
    sums.push(sumLine(createHash("sha256").update(content).digest("hex"), name));
    begin(archive, name, content.length).end(content);
  }
  const hash = createHash("sha256");
  const { size } = statSync(options.snapshot);
  await pipeline(
    createReadStream(options.snapshot),
    passing(hash),
    begin(archive, memberNames.snapshot, size),
  );
  sums.push(sumLine(hash.digest("hex"), memberNames.snapshot));
  const last = Buffer.from(sums.join(""));
  begin(archive, memberNames.sums, last.length).end(last);
  archive.finalize();
}

function begin(archive: Pack, name: string, size: number): ReturnType<Pack["entry"]> {
  const entry = archive.entry({ name, mode: 0o600, mtime: new Date(0), size });
  // Where the file cannot be written the archive is destroyed, and this with it: the writing itself tells why.
  entry.on("error", () => {});
  return entry;
}

function sumLine(digest: string, name: string): string {
  return `${digest}  ${name}\n`;
}

/** Lets bytes pass, and counts them in. */
function passing(hash: { update(chunk: Buffer): unknown }): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** A backup that was read and found whole. */
export interface Archive {
  readonly manifest: Manifest;
  readonly members: readonly Member[];
}

/** More than any file of an instance home takes, in bytes. */
const largestMember = 64 * 2 ** 20;

/**
 * Reads a backup to its end and sees that all of it is what was written. Vault's snapshot goes to a file of its own, all else
 * into memory.
 * @param snapshot where Vault's snapshot is put, 0600
 * @param decryption asked for only where the file is encrypted
 * @throws UserError where it is damaged, cut off, none, of a newer version, or not opened
 */
export async function readArchive(
  path: string,
  snapshot: string,
  decryption: () => Promise<Decryption>,
): Promise<Archive> {
  const isEncrypted = (await firstBytes(path)) === encryptedBegins;
  const plain = isEncrypted
    ? await decrypted(createReadStream(path), await decryption())
    : createReadStream(path);
  const digests = new Map<string, string>();
  const members: Member[] = [];
  try {
    const tar = extract();
    const read = pipeline(plain, tar);
    read.catch(() => {});
    for await (const entry of tar) {
      const { name, size = 0, type } = entry.header;
      if (type !== "file" || name.split("/").includes("..") || digests.has(name))
        throw damaged(path, `a member ${JSON.stringify(name)} that no backup has`);
      const hash = createHash("sha256");
      if (name === memberNames.snapshot) {
        await pipeline(entry, passing(hash), createWriteStream(snapshot, { mode: 0o600 }));
      } else {
        if (size > largestMember) throw damaged(path, `a member ${name} of ${size} bytes`);
        const content = await buffer(entry);
        hash.update(content);
        members.push({ name, content });
      }
      digests.set(name, hash.digest("hex"));
    }
    await read;
  } catch (error) {
    throw error instanceof UserError ? error : damaged(path, (error as Error).message);
  }
  const found = (name: string) => members.find((member) => member.name === name)?.content.toString("utf8");
  const described = describe(path, found(memberNames.manifest));
  requireSums(path, found(memberNames.sums), digests);
  await verifySnapshot(createReadStream(snapshot));
  return { manifest: described, members };
}

function describe(path: string, text: string | undefined): Manifest {
  if (text === undefined) throw notABackup(path, `no ${memberNames.manifest} in it`);
  let json: { format?: unknown; version?: unknown };
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(path, `${memberNames.manifest} is not JSON`);
  }
  if (json.format !== manifest.shape.format.value)
    throw notABackup(path, `a ${memberNames.manifest} of another kind`);
  if (typeof json.version === "number" && json.version > backupVersion) {
    throw new UserError({
      problem: `The backup ${path} was made by a newer version of this program.`,
      got: `format ${json.version}`,
      expected: `format ${backupVersion} or older`,
      remedy: "Use that version, or a newer one: npm install -g openclaw-openrouter@latest",
    });
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) throw damaged(path, `a ${memberNames.manifest} of another shape`);
  return parsed.data;
}

function requireSums(path: string, text: string | undefined, digests: ReadonlyMap<string, string>): void {
  if (text === undefined) throw damaged(path, `no ${memberNames.sums} at its end: it was cut off`);
  const stated = new Map(
    text
      .trim()
      .split("\n")
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  );
  for (const name of new Set([memberNames.snapshot, ...stated.keys(), ...digests.keys()])) {
    if (name !== memberNames.sums && (!digests.has(name) || digests.get(name) !== stated.get(name)))
      throw damaged(path, `${name} is missing, or is not what its checksum says`);
  }
}

async function firstBytes(path: string): Promise<string> {
  try {
    const handle = await open(path);
    try {
      const { buffer: bytes, bytesRead } = await handle.read(Buffer.alloc(encryptedBegins.length));
      return bytes.subarray(0, bytesRead).toString("latin1");
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UserError({
      problem: `The backup ${path} cannot be read.`,
      got: (error as NodeJS.ErrnoException).code ?? String(error),
      expected: "a file that `npx openclaw-openrouter backup` made",
    });
  }
}

function damaged(path: string, got: string): UserError {
  return new UserError({
    problem: `${path} is damaged, or is no backup. Nothing was changed.`,
    got,
    expected: "the file as it was written",
    remedy: "Take another one: `npx openclaw-openrouter backup --list` tells which there are.",
  });
}

function notABackup(path: string, got: string): UserError {
  return new UserError({
    problem: `${path} is no backup of this program. Nothing was changed.`,
    got,
    expected: "a file that `npx openclaw-openrouter backup` made",
  });
}
