import { z } from "zod";
import { type EngineApi, EngineError } from "./engine-api";

const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const map = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
/** 0, -1 or nothing: none. */
const limit = z.number().nullish();
/** The limits that `docker update` sets besides memory and swap. */
const limits = {
  MemoryReservation: limit,
  KernelMemory: limit,
  NanoCpus: limit,
  CpuShares: limit,
  CpuPeriod: limit,
  CpuQuota: limit,
  CpuRealtimePeriod: limit,
  CpuRealtimeRuntime: limit,
  CpusetCpus: z.string().default(""),
  CpusetMems: z.string().default(""),
  BlkioWeight: limit,
  PidsLimit: limit,
};
export const limitNames = Object.keys(limits) as (keyof typeof limits)[];

const container = z.object({
  Id: z.string(),
  Name: z.string().transform((name) => name.replace(/^\//, "")),
  Image: z.string(),
  Created: z.string(),
  /** The number of restarts by the engine since somebody started it. */
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().default(false),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  Config: z.object({
    Image: z.string().default(""),
    User: z.string().default(""),
    Env: list,
    Cmd: list,
    Entrypoint: list,
    Labels: map,
    Healthcheck: z.object({ Test: list }).nullish(),
  }),
  HostConfig: z.object({
    Memory: z.number().default(0),
    MemorySwap: z.number().default(0),
    ...limits,
    CapAdd: list,
    CapDrop: list,
    SecurityOpt: list,
    Privileged: z.boolean().default(false),
    ReadonlyRootfs: z.boolean().default(false),
    NetworkMode: z.string().default(""),
    PidMode: z.string().default(""),
    Tmpfs: map,
    Devices: z.array(z.object({ PathOnHost: z.string() })).nullish(),
    RestartPolicy: z
      .object({ Name: z.string(), MaximumRetryCount: z.number().default(0) })
      .default({ Name: "no", MaximumRetryCount: 0 }),
    LogConfig: z.object({ Type: z.string(), Config: map }),
    PortBindings: z
      .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullish())
      .nullish(),
  }),
  Mounts: z
    .array(
      z.object({
        Type: z.string(),
        Name: z.string().optional(),
        Source: z.string().default(""),
        Destination: z.string(),
        RW: z.boolean().default(true),
      }),
    )
    .default([]),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }).default({}),
});
/** A container as the engine reports it, with every field that a deploy declares. */
export type WholeContainer = z.output<typeof container>;

const image = z.object({
  Id: z.string(),
  Config: z.object({ Env: list, Labels: map }).nullish(),
});
export type WholeImage = z.output<typeof image>;

/** @param name its name or id. @returns undefined if there is none */
export function wholeContainer(engine: EngineApi, name: string): Promise<WholeContainer | undefined> {
  return find(engine, `/containers/${encodeURIComponent(name)}/json`, container);
}

/** @param reference its reference or id. @returns undefined if there is none */
export function wholeImage(engine: EngineApi, reference: string): Promise<WholeImage | undefined> {
  return find(engine, `/images/${encodeURI(reference)}/json`, image);
}

const mounts = z.array(z.object({ Name: z.string().default(""), Source: z.string().default("") }));
const users = z.array(
  z.object({ Id: z.string(), Names: list, Created: z.number(), Mounts: mounts.nullish() }),
);

/**
 * The containers, running or not, that mount a volume or its folder on the host. A container that mounts the whole host, as a
 * monitor does, is not included.
 * @param folder the folder in which the engine keeps the volume
 */
export async function usersOf(engine: EngineApi, volume: string, folder: string | undefined) {
  const all = users.parse(await engine.call("GET", "/containers/json?all=1"));
  const using = all.filter(({ Mounts }) =>
    Mounts?.some(
      ({ Name, Source }) =>
        Name === volume || (folder !== undefined && `${Source}/`.startsWith(`${folder}/`)),
    ),
  );
  return using.map(({ Id, Names, Created }) => ({
    id: Id,
    name: Names[0]?.replace(/^\//, "") ?? Id.slice(0, 12),
    created: new Date(Created * 1000).toISOString(),
  }));
}

async function find<T extends z.ZodType>(
  engine: EngineApi,
  path: string,
  schema: T,
): Promise<z.output<T> | undefined> {
  try {
    return schema.parse(await engine.call("GET", path));
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}
