import type { Stats } from "node:fs";
import type { Account } from "../../core/os-user";
import { Refused } from "../../openclaw/folder/refused";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { openclawOf } from "../openclaw-file";
import { inspectFolder } from "../openclaw-folder";
import type { Probe } from "../probe";

/** OpenClaw's own folder: whoever may write in it puts another file instead of ours. */
export const openclawFolder: Probe = {
  id: "openclaw.folder",
  async inspect(context) {
    const { parameters, account, installed } = openclawOf(context);
    if (!installed) return [];
    return inspectFolder({
      id: "openclaw.folder",
      path: parameters.folder,
      ...inspected(parameters.folder, account),
      account,
      summary: "OpenClaw's folder is not there, nor the user's own configuration in it",
      wantedMode: (entry) => entry.mode & 0o777 & ~writableByOthers(entry, account),
      holds: "openclaw.*",
    });
  },
};

/** A link to another folder of the user's is theirs to lay. */
function inspected(path: string, account: Account): { entry: Stats | undefined; refused?: Refused } {
  try {
    return { entry: UsersFolder.with(path, account, (folder) => folder?.stat()) };
  } catch (error) {
    if (error instanceof Refused) return { entry: error.entry, refused: error };
    throw error;
  }
}

/** The bits that let others write. A user's own group is usually that user alone. */
function writableByOthers({ gid }: Stats, account: Account): number {
  return gid === account.gid ? 0o002 : 0o022;
}
