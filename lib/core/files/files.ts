import { randomBytes } from "node:crypto";
import {
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";
import { allowing, attempt } from "../attempt";
import { UserError } from "../errors";
import { readOnly } from "../refused";
import { jsonText, quote } from "../text";
import { closing } from "./handle";

/**
 * Writes a file of an instance directory atomically: a crash leaves the old or the new file, complete. Mode 0600, fsync,
 * rename, and fsync of the folder.
 */
export function writePrivateFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, content, mode);
    syncFolder(dirname(path));
  } catch (error) {
    throw notWritten(path, error as NodeJS.ErrnoException);
  }
}

/** Fails if there already is a file, a pipe or a link. */
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Not write-file-atomic: on a full disk it takes a short write for a complete one and renames it into place. */
function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const draft = `${path}.${randomBytes(8).toString("hex")}.draft`;
  try {
    writeNewFile(draft, content, mode);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Creates a file and waits until it is on the disk. The caller flushes the folder.
 * @param modeFor the file's mode, before which only its owner can read it; it may first change the file by its handle
 * @throws the error of Node, EEXIST if the name exists
 */
export function writeNewFile(
  path: string,
  content: string | Uint8Array,
  modeFor: number | ((handle: number) => number),
): void {
  closing(openSync(path, newFile, 0o600), (handle) => {
    writeFileSync(handle, content);
    fchmodSync(handle, typeof modeFor === "number" ? modeFor : modeFor(handle));
    fsyncSync(handle);
  });
}

const full = new Set(["ENOSPC", "EDQUOT"]);

/** Turns the error of a full disk or of a read-only folder into one that a person can fix; other errors stay unchanged. */
export function notWritten(path: string, error: NodeJS.ErrnoException): Error {
  const isFull = full.has(error.code ?? "");
  if (!isFull && !["EACCES", "EPERM", "EROFS"].includes(error.code ?? "")) return error;
  return new UserError(
    {
      problem: isFull ? `The disk is full: ${path} cannot be written.` : `${path} cannot be written.`,
      got: error.code ?? "",
      expected: `a folder ${dirname(path)} that this user can write to, with some free megabytes`,
      fix: isFull
        ? `See what fills it: df -h ${quote(dirname(path))}. Then run this again: it resumes from here.`
        : error.code === "EROFS"
          ? readOnly
          : "Give the folder to your user, then run this again.",
    },
    { cause: error },
  );
}

/** Appends a text to a file that only its owner can read, and waits until it is on the disk. */
export function appendFlushed(path: string, text: string): void {
  closing(openSync(path, "a", 0o600), (handle) => {
    writeSync(handle, text);
    fsyncSync(handle);
  });
}

/** Flushes a folder, so that a created, renamed or removed name survives a power cut. */
export function syncFolder(folder: string): void {
  closing(openSync(folder, "r"), syncFolderHandle);
}

/** As {@link syncFolder}, by an open handle. */
export function syncFolderHandle(handle: number): void {
  // Some file systems flush no folder, such as a virtual machine's shared ones, and CIFS before Linux 5.11.
  allowing("EINVAL", () => fsyncSync(handle));
}

/** Removes a file, if there is one, and syncs that to disk. */
export function removeFile(path: string): void {
  if (!existsSync(path)) return;
  rmSync(path);
  syncFolder(dirname(path));
}

export function readTextIfThere(path: string): string | undefined {
  return allowing("ENOENT", () => readFileSync(path, "utf8"));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EISDIR: "a folder",
  EACCES: "no permission",
};

/** Why a file that a person names was not read, for an error's `got`. */
export function whyUnread(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? code ?? "an error";
}

/** The text of a file; empty if it cannot be read, as of a process that has ended. */
export function readOrEmpty(path: string): string {
  return attempt(() => readFileSync(path, "utf8")) ?? "";
}

/**
 * Reads a JSON file of an instance directory.
 * @throws UserError if the file does not have the expected shape; its content is not shown
 */
export function readJsonIfThere<T extends z.ZodType>(path: string, schema: T): z.output<T> | undefined {
  const text = readTextIfThere(path);
  return text === undefined ? undefined : parseJson(text, schema, path);
}

/**
 * Parses a JSON text.
 * @param source its origin, for the message
 * @throws UserError
 */
export function parseJson<T extends z.ZodType>(text: string, schema: T, source: string): z.output<T> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError({
      problem: `${source} cannot be read: it is damaged, or was written by another version.`,
      got: error instanceof SyntaxError ? "text that is not JSON" : "JSON of another shape",
      expected: "the file as openclaw-openrouter wrote it",
      fix: "Put the file back from a backup of the instance directory; do not delete it before that.",
    });
  }
}

export function writeJson(path: string, value: unknown): void {
  writePrivateFile(path, jsonText(value));
}

/** Writes JSON only if it differs, for a record that most runs leave unchanged: a flushed write is slow. */
export function writeJsonIfChanged(path: string, value: unknown): void {
  const text = jsonText(value);
  const isPrivate = ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o777) === 0o600;
  if (!isPrivate || readTextIfThere(path) !== text) writePrivateFile(path, text);
}
