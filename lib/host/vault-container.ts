import { Readable } from "node:stream";
import { pack } from "tar-stream";
import { z } from "zod";
import { UserError } from "../errors";
import type { VaultHost } from "../vault/bootstrap";
import type { HomeFile } from "../vault/token-helper";
import type { EngineApi } from "./engine-api";

/** User and group of Vault in its image. */
const vaultUser = { uid: 100, gid: 1000 };

/** Vault's container and volumes, as bootstrap needs them. */
export class VaultContainer implements VaultHost {
  constructor(
    private readonly engine: EngineApi,
    private readonly container: string,
    private readonly volume: string,
  ) {}

  async dataVolume(): Promise<{ name: string; created: string }> {
    const volume = await this.engine.inspectVolume(this.volume);
    if (volume) return { name: volume.Name, created: volume.CreatedAt ?? "" };
    throw new UserError({
      problem: `The volume ${this.volume} is not on this engine.`,
      expected: "the volume that holds Vault's data",
      remedy:
        "See that the engine is the one on which the instance was deployed: `npx openclaw-openrouter doctor`.",
    });
  }

  async setDataAside(): Promise<{ keptAt: string }> {
    const folder = `set-aside-${new Date().toISOString().replace(/[:.]/g, "-")}`;
    const image = (await this.engine.inspectContainer(this.container))?.Image;
    await this.engine.stopContainer(this.container);
    await this.runOnVolume(
      image ?? "",
      `mkdir /vault/file/${folder} && cd /vault/file && for f in *; do case "$f" in set-aside-*) ;; *) mv "$f" ${folder}/ ;; esac; done`,
    );
    await this.engine.startContainer(this.container);
    return { keptAt: `${folder} in the volume ${this.volume}` };
  }

  /** A root file system that is read-only takes files on its volumes only through the archive call, with their owner set. */
  async writeHomeFiles(files: readonly HomeFile[]): Promise<void> {
    const archive = pack();
    for (const { name, content, mode } of files) {
      archive.entry({ name, mode, mtime: new Date(0), ...vaultUser }, content);
    }
    archive.finalize();
    await this.engine.call(
      "PUT",
      `/containers/${encodeURIComponent(this.container)}/archive?path=/home/vault`,
      {
        body: Readable.from(archive),
        headers: { "Content-Type": "application/x-tar" },
      },
    );
  }

  /** Runs a shell line in a throw-away container that has the data volume, and nothing else. */
  private async runOnVolume(image: string, line: string): Promise<void> {
    const { Id } = z.object({ Id: z.string() }).parse(
      await this.engine.call("POST", "/containers/create", {
        body: {
          Image: image,
          Entrypoint: ["/bin/sh", "-c"],
          Cmd: [line],
          User: `${vaultUser.uid}:${vaultUser.gid}`,
          NetworkDisabled: true,
          HostConfig: {
            Mounts: [{ Type: "volume", Source: this.volume, Target: "/vault/file" }],
            CapDrop: ["ALL"],
            NetworkMode: "none",
          },
        },
      }),
    );
    try {
      await this.engine.startContainer(Id);
      const { StatusCode } = z
        .object({ StatusCode: z.int() })
        .parse(await this.engine.call("POST", `/containers/${Id}/wait`));
      if (StatusCode !== 0) throw new Error(`a shell on the volume ${this.volume} ended with ${StatusCode}`);
    } finally {
      await this.engine.call("DELETE", `/containers/${Id}?force=true`);
    }
  }
}
