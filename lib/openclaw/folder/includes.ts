import { relative } from "node:path";
import { plainLine } from "../../core/plain-text";
import { describe, Refused } from "./refused";
import type { UsersFolder } from "./users-folder";

/** The limits: an ordinary configuration stays far below. */
const mostFiles = 64;
const mostBytes = 1024 * 1024;

/** The files that the gateway's configuration includes from OpenClaw's folder. Reads each once, within limits. */
export class Includes {
  /** The files that were not read: the reason by path. */
  readonly unread = new Map<string, string>();
  private readonly texts = new Map<string, string | undefined>();
  private bytes = 0;

  constructor(private readonly folder: UsersFolder) {}

  /** @returns undefined for a file that is missing or was not read */
  readonly text = (path: string): string | undefined => {
    if (!this.texts.has(path)) this.texts.set(path, this.read(path));
    return this.texts.get(path);
  };

  private read(path: string): string | undefined {
    const names = relative(this.folder.path, path).split("/");
    if (names[0] === ".." || names[0] === "") return this.pass(path, "it is outside OpenClaw's folder");
    // A line break would begin a line of the report, or of a fix.
    if (/\p{Cc}/u.test(path)) return this.pass(plainLine(path), "its name is not valid");
    if (this.texts.size >= mostFiles)
      return this.pass(path, `there are more than ${mostFiles} included files`);
    try {
      const file = this.reach(names);
      if (!file) return undefined;
      this.bytes += file.bytes.length;
      if (this.bytes > mostBytes)
        return this.pass(path, `the included files have more than ${mostBytes} bytes`);
      return file.bytes.toString("utf8");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return this.pass(path, error.entry ? describe(error.entry) : error.got);
    }
  }

  /** Opens each folder of the path by its own handle: none of them can be a link. */
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
