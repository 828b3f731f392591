import { quote } from "../../core/text";
import { homeFolder, listHomeFiles } from "../../docker/home-files";
import { sealFolder } from "../../model/vault/seal";
import { listVolumeFiles } from "../../terraform/fast/volume-files";
import { requireContainer } from "../context";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** The files that are placed there, and folders whose files are. */
const managed = new Set([".reader-role-id", ".reader-secret-id", ".vault", "token-helper"]);
const managedFolders = ["tls/", `${sealFolder}/`];

/** What an interactive shell, the engine or a file system leaves there. */
const usual = new Set([".ash_history", "lost+found/"]);

/** The start-up files of shells, and what the `vault` command reads: they run, or are used, at the next `docker exec`. */
const used = new Set([".profile", ".ashrc", ".shinit", ".vault-token", ".vault-helper"]);

/** Inspects that the home volume of Vault's container has no unmanaged files. */
export const homeVolume = managedProbe("volume.home-files", async (context) => {
  const container = await requireContainer(context);
  const folder = container.Mounts.find(({ Destination }) => Destination === homeFolder)?.Source;
  const names =
    (folder ? listVolumeFiles(folder) : undefined) ?? (await listHomeFiles(context.engine.api, container.Id));
  return names
    .filter((name) => !managed.has(name) && !usual.has(name))
    .filter((name) => !managedFolders.some((each) => name === each || name.startsWith(each)))
    .map((name) =>
      drift(
        `volume.home-file:${name}`,
        used.has(name) ? "critical" : "minor",
        `${homeFolder}/${name} in the container`,
        {
          summary: used.has(name)
            ? "An unmanaged file in the container's home is used at the next `docker exec` there"
            : "The container's home has an unmanaged file",
          compared: ["no such file", "there"],
          fix: `Find out what it is, then: docker exec ${context.deployed.container} rm -r ${quote(`${homeFolder}/${name}`)}`,
        },
      ),
    );
});
