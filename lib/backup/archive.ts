import { createHash } from "node:crypto";
import {
  constants,
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
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { UserError } from "../core/errors";
import { notWritten, syncFolder, whyUnread } from "../core/files/files";
import { closing } from "../core/files/handle";
import { requireRoom } from "../core/files/room";
import { jsonText } from "../core/text";
import { readTar } from "../docker/read-tar";
import { verifySnapshot } from "../vault/snapshot";
import { backupVersion, type Manifest, manifest, memberLimits, memberNames } from "./manifest";
import type { SharesMember } from "./shares-member";

interface WriteArchiveOptions {
  readonly manifest: Manifest;
  /** The file of Vault's snapshot, which contains the rest of the instance. */
  readonly snapshot: string;
  /** The unseal key shares, encrypted. @default the backup contains none */
  readonly shares?: SharesMember;
}

/**
 * Writes a backup: a tar file of mode 0600, whose last member has the checksums of the others. It writes the whole file, or
 * none.
 * @param path a file in an existing folder
 * @param draft the file beside it that is written to until it is whole
 * @returns the SHA-256 of the file
 */
export async function writeArchive(
  path: string,
  draft: string,
  options: WriteArchiveOptions,
): Promise<string> {
  const hash = createHash("sha256");
  try {
    const archive = pack();
    const filled = fill(archive, options);
    filled.catch((error) => archive.destroy(error));
    await pipeline(
      Readable.from(archive),
      passing(hash),
      createWriteStream(draft, { flags: "wx", mode: 0o600 }),
    );
    await filled;
    // At its name, the owner of the folder can have put a pipe meanwhile, on which an open waits, or a link.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    closing(openSync(draft, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), fsyncSync);
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
    { name: memberNames.manifest, content: Buffer.from(jsonText(options.manifest)) },
    ...(options.shares ? [options.shares] : []),
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
  // If the file cannot be written, the archive and this entry are destroyed. The write reports the cause.
  entry.on("error", () => {});
  return entry;
}

function sumLine(digest: string, name: string): string {
  return `${digest}  ${name}\n`;
}

/** A stream that passes its bytes on, and adds them to a hash. */
function passing(hash: { update(chunk: Buffer): unknown }): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

/** A backup that is complete and intact. Its origin is unproven: anybody can have written it. */
export interface Archive {
  readonly manifest: Manifest;
  /** The shares in it, encrypted. */
  readonly shares?: SharesMember;
  /** The size of Vault's data after the restore, in bytes. */
  readonly dataSize: number;
}

/**
 * Reads a whole backup and verifies its checksums. It writes Vault's snapshot to a file, and reads the other, small members
 * into memory.
 * @param snapshot the file for Vault's snapshot, mode 0600
 * @throws UserError if it is damaged, incomplete, no backup, or of another format
 */
export async function readArchive(path: string, snapshot: string): Promise<Archive> {
  const digests = new Map<string, string>();
  const texts = new Map<string, Buffer>();
  let described: Manifest | undefined;
  // Nonblocking: opening a pipe must not wait.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    throw unreadable(path, error);
  });
  try {
    if (!(await handle.stat()).isFile()) throw unreadable(path, { code: "no plain file" });
    await readTar(handle.createReadStream({ autoClose: false }), memberLimits, async (member) => {
      const hash = createHash("sha256");
      if (member.name === memberNames.snapshot) {
        requireRoom(dirname(snapshot), member.size, "the backup's snapshot");
        // Opened at once: a stream that opens it by itself can do so after a refusal, when the caller has removed it.
        const file = createWriteStream(snapshot, { fd: openSync(snapshot, "wx", 0o600) });
        await pipeline(member.content, passing(hash), file);
      } else {
        const pieces: Buffer[] = [];
        for await (const piece of member.content) pieces.push(Buffer.from(piece));
        const content = Buffer.concat(pieces);
        hash.update(content);
        texts.set(member.name, content);
        if (member.name === memberNames.manifest) described = describe(path, content.toString("utf8"));
      }
      digests.set(member.name, hash.digest("hex"));
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    // Of a call of the system, such as a write to a full disk: that says nothing about the backup.
    if ((error as NodeJS.ErrnoException).syscall !== undefined)
      throw notWritten(snapshot, error as NodeJS.ErrnoException);
    throw damaged(path, (error as Error).message);
  } finally {
    await handle.close();
  }
  if (!described) throw damaged(path, `no ${memberNames.manifest} in it`);
  requireSums(path, texts.get(memberNames.sums)?.toString("latin1"), digests);
  const dataSize = await verifySnapshot(createReadStream(snapshot), statSync(snapshot).size);
  const shares = sharesOf(path, texts);
  return { manifest: described, dataSize, ...(shares ? { shares } : {}) };
}

function sharesOf(path: string, texts: ReadonlyMap<string, Buffer>): SharesMember | undefined {
  const found = [memberNames.sharesByAge, memberNames.sharesByPgp].flatMap((name) => {
    const content = texts.get(name);
    return content ? [{ name, content }] : [];
  });
  if (found.length > 1) throw damaged(path, "two members contain shares");
  return found[0];
}

function describe(path: string, text: string): Manifest {
  let json: { format?: unknown; version?: unknown } | null;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged(path, `${memberNames.manifest} is not JSON`);
  }
  if (json?.format !== manifest.shape.format.value)
    throw damaged(path, `a ${memberNames.manifest} of another program`);
  if (json.version !== backupVersion) throw otherFormat(path, json.version);
  const parsed = manifest.safeParse(json);
  if (!parsed.success) throw damaged(path, `a ${memberNames.manifest} with unexpected fields`);
  return parsed.data;
}

function requireSums(path: string, text: string | undefined, digests: ReadonlyMap<string, string>): void {
  if (text === undefined) throw damaged(path, `no ${memberNames.sums} at its end: the file is incomplete`);
  const stated = new Map(
    text
      .trim()
      .split("\n")
      .map((line) => [line.slice(66), line.slice(0, 64)] as const),
  );
  for (const name of new Set([memberNames.snapshot, ...digests.keys()])) {
    if (name !== memberNames.sums && (!digests.has(name) || digests.get(name) !== stated.get(name)))
      throw damaged(path, `${name} is missing, or is not what its checksum says`);
  }
}

function otherFormat(path: string, version: unknown): UserError {
  const isNewer = typeof version === "number" && version > backupVersion;
  return new UserError({
    problem: `The backup ${path} has a format that this version does not read. Nothing was changed.`,
    got: typeof version === "number" ? `format ${version}` : "no format number",
    expected: `format ${backupVersion}`,
    fix: isNewer ? "Use the newer version that created it." : "Use the version that created it.",
  });
}

function unreadable(path: string, error: unknown): UserError {
  return new UserError({
    problem: `The backup ${path} cannot be read.`,
    got: whyUnread(error),
    expected: "a file created by `openclaw-openrouter backup create`",
  });
}

function damaged(path: string, got: string): UserError {
  return new UserError({
    problem: `${path} is damaged, or is no backup. Nothing was changed.`,
    got,
    expected: "the unchanged file",
    fix: "Use another backup: `openclaw-openrouter backup list` lists them.",
  });
}
