import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { allowing, attempt } from "../../core/attempt";
import { UserError } from "../../core/errors";
import { firstEntries } from "../../core/files/entries";
import { notWritten, syncFolderHandle, writeNewFile } from "../../core/files/files";
import {
  closing,
  memberPath,
  openFolder,
  readWithin,
  through,
  withContent,
  withMember,
} from "../../core/files/handle";
import { type Account, actAs, actAsRoot } from "../../core/system/os-user";
import {
  folderExpected,
  largest,
  notAllowed,
  Refused,
  requireFolder,
  requirePlainFile,
  tooLarge,
} from "./refused";

/** A file in OpenClaw's folder. */
export interface PlainFile {
  readonly bytes: Buffer;
  /** Its permissions. */
  readonly mode: number;
}

const mostListed = 100_000;
const draftForm = /^\..+\.[0-9a-f]{16}\.draft$/;

/**
 * A folder that another user controls, such as OpenClaw's. Root accesses it only through this class, which opens the folder
 * once and reaches everything from that handle, one name at a time, without following links. So its owner cannot redirect
 * root elsewhere by exchanging entries meanwhile.
 */
export class UsersFolder {
  private readonly inner: UsersFolder[] = [];

  private constructor(
    /** For messages only. */
    readonly path: string,
    private readonly account: Account,
    private readonly handle: number,
  ) {}

  /**
   * Works in a folder with the user's own rights. The folder itself can be a link to another one of that user.
   * @param work gets undefined if there is no folder; must be synchronous, since root's rights return with it
   * @throws Refused if the path is not a folder of the user
   */
  static with<T>(path: string, account: Account, work: (folder: UsersFolder | undefined) => T): T {
    return actAs(account, () => {
      const folder = UsersFolder.openAt(path, account);
      try {
        return work(folder);
      } finally {
        folder?.close();
      }
    });
  }

  /** As {@link with}, but creates a missing folder first, with mode 0700. */
  static make<T>(path: string, account: Account, work: (folder: UsersFolder) => T): T {
    return actAs(account, () => {
      const failure = madeOrWhyNot(path);
      return UsersFolder.with(path, account, (folder) => {
        if (folder) return work(folder);
        const told = failure && notWritten(path, failure);
        throw told instanceof UserError
          ? told
          : new Refused(path, "a link that leads nowhere", folderExpected(account));
      });
    });
  }

  /** Removes an empty folder; leaves any other. */
  static removeEmpty(path: string, account: Account): void {
    actAs(account, () => removeIfEmpty(path));
  }

  /**
   * Gives a folder back to its user. Only if the same user deploys and runs OpenClaw: of another user's folder, nobody
   * can know whether that user exchanged it.
   */
  static takeBack(path: string, { uid, gid }: Account): void {
    closing(openFolder(path, false), (handle) => fchownSync(handle, uid, gid));
  }

  private static openAt(path: string, account: Account): UsersFolder | undefined {
    let handle: number;
    try {
      handle = openFolder(path, true);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return undefined;
      if (code === "ENOTDIR") throw new Refused(path, "something that is no folder", folderExpected(account));
      throw notAllowed(path, error, account);
    }
    return UsersFolder.of(path, account, handle);
  }

  private static of(path: string, account: Account, handle: number): UsersFolder {
    try {
      requireFolder(path, fstatSync(handle), account);
    } catch (error) {
      closeSync(handle);
      throw error;
    }
    return new UsersFolder(path, account, handle);
  }

  stat(): Stats {
    return fstatSync(this.handle);
  }

  /** The names in it; of more than 100,000 the first that are found. */
  list(): string[] {
    return firstEntries(through(this.handle), mostListed).map(({ name }) => name);
  }

  /** The status of a member, without reading it. */
  inspect(name: string): Stats | undefined {
    return this.withMember(name, (member) => fstatSync(member));
  }

  /** @throws Refused for a link, a folder, or a file that has a second name, is another user's or is too large */
  read(name: string): PlainFile | undefined {
    return this.withMember(name, (member) => {
      const path = join(this.path, name);
      const entry = fstatSync(member);
      requirePlainFile(path, entry, this.account);
      const bytes = withContent(member, (content) => readWithin(content, largest));
      if (!bytes) throw tooLarge(path, entry);
      return { bytes, mode: entry.mode & 0o777 };
    });
  }

  /** Replaces a file atomically: a crash leaves the complete old or new one. A file that is open to a group keeps that group. */
  write(name: string, content: string | Uint8Array, mode: number): void {
    const present = (mode & forGroup) === 0 ? undefined : this.inspect(name);
    const modeFor =
      present?.isFile() && present.nlink === 1 && present.uid === this.account.uid
        ? (draft: number) => modeInGroup(draft, present.gid, mode)
        : mode;
    const target = memberPath(this.handle, name);
    // Nobody can prepare a link at a random name.
    const draft = memberPath(this.handle, `.${name}.${randomBytes(8).toString("hex")}.draft`);
    try {
      writeNewFile(draft, content, modeFor);
      renameSync(draft, target);
      syncFolderHandle(this.handle);
    } catch (error) {
      // Only the write is reported.
      attempt(() => unlinkSync(draft));
      const told = notWritten(join(this.path, name), error as NodeJS.ErrnoException);
      throw notAllowed(join(this.path, name), told, this.account);
    }
  }

  remove(name: string): void {
    this.attempt(name, () => allowing("ENOENT", () => unlinkSync(memberPath(this.handle, name))));
  }

  /** Removes the drafts of a killed run. */
  removeDrafts(): void {
    for (const name of this.list()) if (draftForm.test(name)) this.remove(name);
  }

  /** @throws Refused as {@link read} does */
  setMode(name: string, mode: number): void {
    this.withMember(name, (member) => {
      requirePlainFile(join(this.path, name), fstatSync(member), this.account);
      chmodSync(through(member), mode);
    });
  }

  /** @throws Refused if the file system does not take it, such as one that is mounted read-only */
  setOwnMode(mode: number): void {
    this.attempt(".", () => fchmodSync(this.handle, mode));
  }

  /** @throws Refused for anything but a folder of the user */
  folder(name: string): UsersFolder | undefined {
    return this.withMember(name, (member) => {
      const path = join(this.path, name);
      requireFolder(path, fstatSync(member), this.account);
      const folder = UsersFolder.of(path, this.account, openFolder(through(member), true));
      this.inner.push(folder);
      return folder;
    });
  }

  /** As {@link folder}, but creates a missing folder first, with mode 0700. */
  makeFolder(name: string): UsersFolder {
    this.attempt(name, () => allowing("EEXIST", () => mkdirSync(memberPath(this.handle, name), 0o700)));
    const folder = this.folder(name);
    if (folder) return folder;
    throw new Refused(join(this.path, name), "a folder that went away", folderExpected(this.account));
  }

  /** Removes an empty folder; leaves any other. */
  removeFolder(name: string): void {
    removeIfEmpty(memberPath(this.handle, name));
  }

  /**
   * Whether a file of another user holds only placed content. Root reads it, since this folder's user possibly cannot.
   */
  holds(name: string, isPlaced: (bytes: Buffer) => boolean): boolean {
    return this.asRoot(name, isPlaced, () => {}) !== undefined;
  }

  /** Gives such a file to this folder's user. Any other file stays unchanged: that user could read it afterwards. */
  give(name: string, isPlaced: (bytes: Buffer) => boolean): void {
    const { uid, gid } = this.account;
    this.asRoot(name, isPlaced, (handle) => fchownSync(handle, uid, gid));
  }

  private asRoot(
    name: string,
    isPlaced: (bytes: Buffer) => boolean,
    work: (handle: number) => void,
  ): true | undefined {
    return this.withMember(name, (member) => {
      const entry = fstatSync(member);
      if (process.getuid?.() !== 0 || !entry.isFile() || entry.nlink !== 1) return undefined;
      return actAsRoot(() =>
        withContent(member, (content) => {
          const bytes = readWithin(content, largest);
          if (!bytes || !isPlaced(bytes)) return undefined;
          work(content);
          return true;
        }),
      );
    });
  }

  private withMember<T>(name: string, work: (member: number) => T): T | undefined {
    return this.attempt(name, () => withMember(this.handle, name, work));
  }

  private attempt<T>(name: string, work: () => T): T {
    return attempt(work, (error): never => {
      throw notAllowed(join(this.path, name), error, this.account);
    });
  }

  private close(): void {
    for (const folder of this.inner) folder.close();
    closeSync(this.handle);
  }
}

const forGroup = 0o070;

/** Gives a new file to a group. @returns its mode: nothing for its group if it stays another one */
function modeInGroup(handle: number, gid: number, mode: number): number {
  const { uid, gid: own } = fstatSync(handle);
  if (own === gid) return mode;
  const give = () => fchownSync(handle, uid, gid);
  // Its user can have left the group, or never been in it.
  attempt(() => (process.getuid?.() === 0 ? actAsRoot(give) : give()));
  return fstatSync(handle).gid === gid ? mode : mode & ~forGroup;
}

/** Creates a folder; returns the error, since the path can be a link to a folder. */
function madeOrWhyNot(path: string): NodeJS.ErrnoException | undefined {
  return attempt(
    () => void mkdirSync(path, { recursive: true, mode: 0o700 }),
    (error) => error as NodeJS.ErrnoException,
  );
}

/** Removes an empty folder; leaves anything else, and whatever this user cannot remove. */
function removeIfEmpty(path: string): void {
  attempt(() => rmdirSync(path));
}
