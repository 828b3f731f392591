import { UserError } from "../../core/errors";
import type { EngineApi } from "../../docker/engine-api";
import { endOfLog } from "../../docker/engine-exec";
import { runOnVolumes } from "../../docker/ephemeral";
import { type HomeFile, vaultUserName, writeHomeFiles } from "../../docker/home-files";

/**
 * The engine restarts a container this often in its first 1.5 seconds. An error that lasts so long does not go away by itself.
 */
const restarts = 3;

/** Vault's container and volumes, as bootstrap needs them. */
export class VaultContainer {
  constructor(
    private readonly engine: EngineApi,
    private readonly container: string,
    private readonly volume: string,
  ) {}

  /** The data volume. Its creation time distinguishes it from a later volume of the same name. */
  async dataVolume(): Promise<{ name: string; created: string }> {
    const volume = await this.engine.inspectVolume(this.volume);
    if (volume) return { name: volume.Name, created: volume.CreatedAt ?? "" };
    throw new UserError({
      problem: `The volume ${this.volume} is not on this engine.`,
      expected: "the volume that holds Vault's data",
      fix: "Make sure that this is the engine on which the instance was deployed: `openclaw-openrouter doctor`.",
    });
  }

  /** @throws UserError if the container keeps exiting, with the last lines of its log */
  async requireAlive(): Promise<void> {
    const container = await this.engine.inspectContainer(this.container);
    if (!container || container.State.Status === "running" || container.RestartCount < restarts) return;
    const said = await endOfLog(this.engine, this.container, 6);
    throw new UserError({
      problem: `The container ${this.container} does not stay up: Vault ends right after each start.`,
      got:
        said.length > 0 ? said.join("\n") : `exit code ${container.State.ExitCode}, and nothing in its log`,
      expected: "a Vault server that runs",
      fix: "Fix what it names. The engine keeps trying to start it.",
    });
  }

  /** Moves the content of the data volume into a subfolder of the volume, and starts Vault on an empty folder. */
  async setDataAside(): Promise<{ keptAt: string }> {
    const folder = `set-aside-${new Date().toISOString().replace(/[:.]/g, "-")}`;
    const image = (await this.engine.inspectContainer(this.container))?.Image;
    await this.engine.stopContainer(this.container);
    await runOnVolumes(this.engine, {
      image: image ?? "",
      line: `mkdir /vault/file/${folder} && cd /vault/file && for f in *; do case "$f" in set-aside-*) ;; *) mv "$f" ${folder}/ ;; esac; done`,
      mounts: [{ volume: this.volume, target: "/vault/file" }],
      user: vaultUserName,
    });
    await this.engine.startContainer(this.container);
    return { keptAt: `${folder} in the volume ${this.volume}` };
  }

  writeHomeFiles(files: readonly HomeFile[]): Promise<void> {
    return writeHomeFiles(this.engine, this.container, files);
  }
}
