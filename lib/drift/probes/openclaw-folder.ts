import type { Stats } from "node:fs";
import { attempt } from "../../core/attempt";
import { ifError } from "../../core/errors";
import type { Account } from "../../core/system/os-user";
import { Refused } from "../../openclaw/folder/refused";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { openclawOf, withoutOthers } from "../openclaw-file";
import { inspectFolder } from "../openclaw-folder";
import { everyProbe } from "../probe";

/** Inspects OpenClaw's own folder: whoever can write to it can replace its files. */
export const openclawFolder = everyProbe("openclaw.folder", (context) => {
  const { parameters, account, installed } = openclawOf(context);
  return (
    installed !== undefined &&
    inspectFolder({
      id: "openclaw.folder",
      path: parameters.folder,
      ...inspected(parameters.folder, account),
      account,
      summary: "OpenClaw's folder is missing, with the user's own configuration",
      wantedMode: (entry) => withoutOthers(entry, account),
      holds: "openclaw.*",
    })
  );
});

/** The folder's entry. The user can make it a link to another folder of their own. */
function inspected(path: string, account: Account): { entry: Stats | undefined; refused?: string } {
  return attempt(
    () => ({ entry: UsersFolder.with(path, account, (folder) => folder?.stat()) }),
    ifError(Refused, ({ entry, got }) => ({ entry, refused: got })),
  );
}
