import {
  homeFolder,
  type PlacedFile,
  readHomeFiles,
  readVolumeFiles,
  vaultUser,
} from "../../host/home-files";
import { readCredential } from "../../vault/credentials";
import { type HomeFile, tokenHelperFiles } from "../../vault/token-helper";
import { drift, type Finding, NotLooked, type Probe } from "../finding";

/** The files in the container's home by which the guide's `docker exec vault vault kv get` reads the key without a token. */
export const guideCommand: Probe = {
  id: "guide-command",
  ofExisting: false,
  async look(context) {
    const container = await context.container();
    if (!container) throw new NotLooked("there is no container");
    const reader = readCredential(context.home, "reader");
    if (!reader) throw new NotLooked("the reader has no credentials here");
    const files = tokenHelperFiles(reader);
    const names = files.map(({ name }) => name);
    const volume = container.Mounts.find(({ Destination }) => Destination === homeFolder)?.Source;
    // What is as declared there is so; of all else the engine has the last word, whose folders may not be this host's.
    if (volume && compare(files, readVolumeFiles(volume, names)).length === 0) return [];
    return compare(files, await readHomeFiles(context.engine.api, container.Id, names));
  },
};

function compare(files: readonly HomeFile[], present: ReadonlyMap<string, PlacedFile>): Finding[] {
  return files.flatMap(({ name, content, mode }) => {
    const now = present.get(name);
    const declared = `mode ${mode.toString(8)}, of uid ${vaultUser.uid}`;
    const found = !now
      ? "gone"
      : now.content !== content
        ? "changed"
        : `mode ${now.mode.toString(8)}, of uid ${now.uid}`;
    if (found === declared) return [];
    return [
      drift({
        id: `guide-command.${name}`,
        severity: "major",
        subject: `${homeFolder}/${name} in the container`,
        seen: "The guide's `docker exec` command may not give the key any more",
        declared,
        found,
      }),
    ];
  });
}
