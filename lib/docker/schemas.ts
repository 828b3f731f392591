import { z } from "zod";

/** The answers of the engine, with only the fields that this program reads. An empty field can be null or missing. */

const list = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const map = mapOf(z.string());
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

function mapOf<T extends z.ZodType>(value: T) {
  return z
    .record(z.string(), value)
    .nullish()
    .transform((values) => values ?? {});
}

/** GET /info */
export const info = z
  .object({
    ID: z.string(),
    ServerVersion: z.string(),
    DockerRootDir: z.string().default(""),
    Warnings: list,
    MemoryLimit: z.boolean().default(true),
    SwapLimit: z.boolean().default(false),
    SecurityOptions: list,
  })
  .transform((found) => ({
    /** The engine's id: its own random id, and its data folder, since older engines on one host share the random id. */
    id: `${found.ID} ${found.DockerRootDir}`,
    version: found.ServerVersion,
    /** The folder in which it keeps images and volumes. */
    dataFolder: found.DockerRootDir,
    openApis: openApisOf(found.Warnings),
    /** Whether the kernel limits the memory of containers. */
    limitsMemory: found.MemoryLimit,
    /** Whether the kernel limits the swap of containers too. */
    limitsSwap: found.SwapLimit,
    /** Whether it runs as an ordinary user, in namespaces of its own. */
    isRootless: found.SecurityOptions.some((option) => option.split(",").includes("name=rootless")),
  }));
/** An engine's identity. */
export type EngineInfo = Readonly<z.output<typeof info>>;

/**
 * The network addresses at which everybody who reaches them can use the API, and what each lacks that would keep others out: the
 * engine itself warns of them.
 */
export function openApisOf(warnings: readonly string[]) {
  return warnings.flatMap((warning) => {
    const [, address, lacks] = /API is accessible on (\S+) without ([^.\n]+)/.exec(warning) ?? [];
    return address && lacks ? [{ address, lacks }] : [];
  });
}

/** The answer of each call that creates something. */
export const created = z.object({ Id: z.string() });

/** GET /containers/<name>/json */
export const container = z.object({
  Id: z.string(),
  Name: z.string().transform((name) => name.replace(/^\//, "")),
  Image: z.string(),
  Created: z.string(),
  /** The number of restarts by the engine since somebody started it. */
  RestartCount: z.number().default(0),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    /** The first process, as the host numbers it; 0 if it does not run. */
    Pid: z.number().default(0),
    OOMKilled: z.boolean().default(false),
    StartedAt: z.string(),
    FinishedAt: z.string().default(""),
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
    /** The network by name, or the engine's own `default`. */
    NetworkMode: z.string().default(""),
    PidMode: z.string().default(""),
    Tmpfs: map,
    Devices: z.array(z.object({ PathOnHost: z.string() })).nullish(),
    RestartPolicy: z
      .object({ Name: z.string(), MaximumRetryCount: z.number().default(0) })
      .default({ Name: "no", MaximumRetryCount: 0 }),
    LogConfig: z.object({ Type: z.string(), Config: map }).default({ Type: "", Config: {} }),
    /** By port and protocol in the container, such as `8200/tcp`. A stopped container has them as well. */
    PortBindings: mapOf(
      z.array(z.object({ HostIp: z.string().default(""), HostPort: z.string() })).nullish(),
    ),
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
  NetworkSettings: z
    .object({ Networks: mapOf(z.object({ NetworkID: z.string().default("") }).nullish()) })
    .default({ Networks: {} }),
});
/** A container as the engine reports it, with every field that a deploy declares. */
export type EngineContainer = z.output<typeof container>;

/** GET /images/<reference>/json */
export const image = z.object({
  Id: z.string(),
  Config: z.object({ Env: list, Labels: map }).nullish(),
});
export type EngineImage = z.output<typeof image>;

/** GET /volumes/<name> */
export const volume = z.object({
  Name: z.string(),
  CreatedAt: z.string().optional(),
  Mountpoint: z.string().optional(),
  Labels: map,
});
export type EngineVolume = z.output<typeof volume>;

/** GET /networks/<name> */
export const network = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Internal: z.boolean().default(false),
  EnableIPv6: z.boolean().default(false),
  Labels: map,
  Options: map,
  Containers: mapOf(z.object({ Name: z.string().default("") })),
});
export type EngineNetwork = z.output<typeof network>;

/** GET /containers/json */
export const containers = z.array(
  z.object({
    Id: z.string(),
    Names: list,
    Labels: map,
    State: z.string().default("running"),
    Created: z.number().default(0),
    Ports: z.array(z.object({ IP: z.string().optional(), PublicPort: z.int().optional() })).default([]),
    Mounts: z.array(z.object({ Name: z.string().default(""), Source: z.string().default("") })).nullish(),
  }),
);

/** A line of the answer of POST /images/create: one progress message of a pull or an import. */
export const message = z.object({
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
});
export type EngineMessage = z.output<typeof message>;
