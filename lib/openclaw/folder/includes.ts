import { relative } from "node:path";
import { describe, Refused } from "./refused";
import type { UsersFolder } from "./users-folder";

/** What an honest configuration includes is far from these. */
const mostFiles = 64;
const mostBytes = 1024 * 1024;

/** What the gateway's configuration includes from OpenClaw's folder: each file is read once, all of them within limits. */
export class Includes {
  /** What was not read, by its path: why. */
  readonly unread = new Map<string, string>();
  private readonly texts = new Map<string, string | undefined>();
  private bytes = 0;

  constructor(private readonly folder: UsersFolder) {}

  /** @returns undefined for what is missing or was not read */
  readonly text = (path: string): string | undefined => {
    if (!this.texts.has(path)) this.texts.set(path, this.read(path));
    return this.texts.get(path);
  };

  private read(path: string): string | undefined {
    const names = relative(this.folder.path, path).split("/");
    if (names[0] === ".." || names[0] === "") return this.pass(path, "it lies outside OpenClaw's folder");
    if (path.includes("\0")) return this.pass(path, "no file has such a name");
    if (this.texts.size >= mostFiles)
      return this.pass(path, `there are more than ${mostFiles} included files`);
    try {
      const file = this.reach(names);
      if (!file) return undefined;
      this.bytes += file.bytes.length;
      if (this.bytes > mostBytes) return this.pass(path, `what is included has more than ${mostBytes} bytes`);
      return file.bytes.toString("utf8");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return this.pass(path, error.entry ? describe(error.entry) : error.got);
    }
  }

  /** Each folder on the way by its own handle: none of them may be a link. */
  private reach(names: readonly string[]) {
    const place = names
      .slice(0, -1)
      .reduce<UsersFolder | undefined>((folder, name) => folder?.folder(name), this.folder);
    return place?.read(names.at(-1) ?? "");
  }

  private pass(path: string, reason: string): undefined {
    this.unread.set(path, reason);
    return undefined;
  }
}
