import { z } from "zod";
import { type EngineApi, removeContainer, shaped } from "./engine-api";
import { endOfLog } from "./engine-exec";
import { created } from "./schemas";

interface EphemeralProps {
  readonly image: string;
  /** The command to run if it is started. */
  readonly command?: readonly string[];
  /** The volumes and their mount points. An empty volume gets the content and owner of the image's folder. */
  readonly mounts: readonly { readonly volume: string; readonly target: string }[];
  /** `uid:gid` */
  readonly user: string;
}

/** The label of an ephemeral container, which is removed as soon as its work is done. */
export const ephemeralLabel = "openclaw-openrouter.ephemeral";

/** A log that the engine can read back: its own default may be a driver that needs a server, or that keeps nothing. */
export const ownLog = { Type: "json-file", Config: { "max-size": "64k", "max-file": "1" } } as const;

/**
 * Removes the ephemeral containers that an interrupted run left.
 * @param of what they have: a volume, or a label besides the one of all
 */
export async function endEphemerals(
  engine: EngineApi,
  of: { readonly volume: string } | { readonly label: string },
): Promise<void> {
  const filters = JSON.stringify(
    "volume" in of ? { volume: [of.volume], label: [ephemeralLabel] } : { label: [ephemeralLabel, of.label] },
  );
  const left = await engine.containers(`${new URLSearchParams({ all: "true", filters })}`);
  for (const { Id } of left) await removeContainer(engine, Id);
}

/**
 * Creates a container without starting it, and removes it at the end.
 * @param body as the engine takes it
 */
export async function withCreated<T>(
  engine: EngineApi,
  body: { readonly HostConfig: object; readonly Labels?: object } & Readonly<Record<string, unknown>>,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const labelled = { NetworkDisabled: true, ...body, Labels: { ...body.Labels, [ephemeralLabel]: "true" } };
  const { Id } = shaped(created, await engine.call("POST", "/containers/create", { body: labelled }));
  try {
    return await work(Id);
  } finally {
    await removeContainer(engine, Id);
  }
}

/** The same with only these volumes. */
export function withEphemeral<T>(
  engine: EngineApi,
  props: EphemeralProps,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const Mounts = props.mounts.map(({ volume, target }) => ({
    Type: "volume",
    Source: volume,
    Target: target,
  }));
  const body = {
    Image: props.image,
    Entrypoint: props.command ?? ["/bin/true"],
    User: props.user,
    HostConfig: { Mounts, CapDrop: ["ALL"], NetworkMode: "none", LogConfig: ownLog },
  };
  return withCreated(engine, body, work);
}

/** Runs a shell command line in an ephemeral container and waits for its end. */
export async function runOnVolumes(
  engine: EngineApi,
  { line, ...props }: Omit<EphemeralProps, "command"> & { readonly line: string },
): Promise<void> {
  await withEphemeral(engine, { ...props, command: ["/bin/sh", "-c", line] }, async (id) => {
    await engine.startContainer(id);
    const answer = await engine.call("POST", `/containers/${id}/wait`, { timeout: longestLine });
    const { StatusCode } = waited.parse(answer);
    if (StatusCode === 0) return;
    const volumes = props.mounts.map(({ volume }) => volume).join(" and ");
    const said = (await endOfLog(engine, id, 5)).join(" ");
    throw new Error(`a shell on ${volumes} ended with ${StatusCode}: ${said}`);
  });
}

const waited = z.object({ StatusCode: z.int() });

/** The timeout of a shell command line, in milliseconds: Vault's data may be large. */
const longestLine = 3_600_000;
