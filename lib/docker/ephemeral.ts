import { z } from "zod";
import { endOfLog } from "./container-log";
import type { EngineApi } from "./engine-api";

export interface EphemeralProps {
  readonly image: string;
  /** What it runs where it is started. */
  readonly command?: readonly string[];
  /** Volumes and where they are mounted. An empty one takes over the image's own folder, with its owner. */
  readonly mounts: readonly { readonly volume: string; readonly target: string }[];
  /** `uid:gid` */
  readonly user: string;
}

/** By it a container is known that is to go as soon as its work is done. */
export const ephemeralLabel = "openclaw-openrouter.ephemeral";

/** Ends what a run that was interrupted has left at work on a volume. */
export async function endEphemerals(engine: EngineApi, volume: string): Promise<void> {
  const filters = JSON.stringify({ volume: [volume], label: [ephemeralLabel] });
  const query = new URLSearchParams({ all: "true", filters });
  const left = z
    .array(z.object({ Id: z.string() }))
    .parse(await engine.call("GET", `/containers/json?${query}`));
  for (const { Id } of left) await engine.call("DELETE", `/containers/${Id}?force=true&v=true`);
}

/** Makes a container with these volumes and nothing else, not started, and removes it at the end. */
export async function withEphemeral<T>(
  engine: EngineApi,
  props: EphemeralProps,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const { Id } = z.object({ Id: z.string() }).parse(
    await engine.call("POST", "/containers/create", {
      body: {
        Image: props.image,
        Entrypoint: props.command ?? ["/bin/true"],
        User: props.user,
        Labels: { [ephemeralLabel]: "true" },
        NetworkDisabled: true,
        HostConfig: {
          Mounts: props.mounts.map(({ volume, target }) => ({
            Type: "volume",
            Source: volume,
            Target: target,
          })),
          CapDrop: ["ALL"],
          NetworkMode: "none",
        },
      },
    }),
  );
  try {
    return await work(Id);
  } finally {
    // With the volumes that have no name: the image asks for two.
    await engine.call("DELETE", `/containers/${Id}?force=true&v=true`);
  }
}

/** Runs a shell line in such a container to its end. */
export async function runOnVolumes(
  engine: EngineApi,
  { line, ...props }: Omit<EphemeralProps, "command"> & { readonly line: string },
): Promise<void> {
  await withEphemeral(engine, { ...props, command: ["/bin/sh", "-c", line] }, async (id) => {
    await engine.startContainer(id);
    const { StatusCode } = z
      .object({ StatusCode: z.int() })
      .parse(await engine.call("POST", `/containers/${id}/wait`, { timeout: longestLine }));
    if (StatusCode === 0) return;
    const volumes = props.mounts.map(({ volume }) => volume).join(" and ");
    const said = (await endOfLog(engine, id, 5)).join(" ");
    throw new Error(`a shell on ${volumes} ended with ${StatusCode}: ${said}`);
  });
}

/** Milliseconds that a shell line on a volume may take: Vault's data may be large. */
const longestLine = 3_600_000;
