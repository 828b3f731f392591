import { statSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "../../core/attempt";
import { openclawNames } from "../../model/openclaw/openclaw-paths";
import type { UsersFolder } from "../../openclaw/folder/users-folder";
import { ownFiles } from "../../openclaw/own-files";
import { readCredential } from "../../store/credentials";
import { type Finding, gone, ProbeSkipped } from "../finding";
import { inFolder, inspectFile, type OpenClaw, openclawOf } from "../openclaw-file";
import { inspectFolder } from "../openclaw-folder";
import { everyProbe } from "../probe";

/** Inspects the program that gets the key for the gateway, and its credential. */
export const openclawResolver = everyProbe("openclaw.resolver", (context) => {
  const openclaw = openclawOf(context);
  const { parameters, account, installed } = openclaw;
  if (!installed) return [];
  const { node } = installed;
  if (!readCredential(context.home, "reader"))
    throw new ProbeSkipped("the reader has no credentials on this host");
  const files = ownFiles(parameters, node);
  return [
    inFolder(openclaw, (folder) => [
      ...inspectFolder({
        id: "openclaw.resolver",
        path: join(folder.path, openclawNames.own),
        entry: folder.inspect(openclawNames.own),
        account,
        summary: "The folder of the resolver and its credential differs from the deployed one",
        wantedMode: () => 0o700,
        holds: "openclaw.resolver:*",
      }),
      ...inspectOwnFiles(folder, files, account),
    ]),
    // A path that this user cannot read counts as existing; a container has its own.
    !parameters.gateway &&
      attempt(() => !statSync(node, { throwIfNoEntry: false })) === true &&
      gone("openclaw.resolver.node", "major", node, {
        summary: "The Node that runs the gateway's resolver is gone",
        // If the settings name this Node, `--fix` cannot choose another one.
        fix: parameters.node && `Restore it, or change \`openclaw.node\` in the settings: ${node}`,
      }),
  ];
});

/** Inspects the files of the resolver's folder; none if the folder is missing or another user's, which is already reported. */
function inspectOwnFiles(
  folder: UsersFolder,
  files: ReturnType<typeof ownFiles>,
  account: OpenClaw["account"],
): Finding[] {
  const entry = folder.inspect(openclawNames.own);
  const own =
    entry?.isDirectory() && entry.uid === account.uid ? folder.folder(openclawNames.own) : undefined;
  if (!own) return [];
  return files.flatMap(({ name, text, mode }) =>
    inspectFile(own, {
      id: `openclaw.resolver:${name}`,
      name,
      severity: name === openclawNames.resolver ? "critical" : "major",
      summary: "A file that the gateway needs to get the key differs from the deployed one",
      account,
      wanted: () => text,
      mode: () => mode,
    }),
  );
}
