import { z } from "zod";
import type { EngineContainer, EngineImage } from "../docker/schemas";
import { instanceLabel } from "../model/instance-label";
import type { Severity } from "../report/finding";

const nullable = <T extends z.ZodType>(schema: T) => schema.nullish();
const strings = nullable(z.array(z.string())).transform((value) => value ?? []);

/** The container as applied: the fields of `docker_container` that are read from Terraform's state. */
const applied = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  command: strings,
  entrypoint: strings,
  user: z.string().nullish(),
  env: strings,
  labels: nullable(z.array(z.object({ label: z.string(), value: z.string() }))),
  capabilities: nullable(z.array(z.object({ add: strings, drop: strings }))),
  security_opts: strings,
  read_only: z.boolean().nullish(),
  restart: z.string().nullish(),
  memory: z.number().nullish(),
  /** The limit of memory and swap together, in MiB; −1: no limit. */
  memory_swap: z.number().nullish(),
  network_mode: z.string().nullish(),
  mounts: nullable(
    z.array(
      z.object({
        type: z.string(),
        source: z.string(),
        target: z.string(),
        read_only: z.boolean().nullish(),
      }),
    ),
  ),
  tmpfs: nullable(z.record(z.string(), z.string())),
  ports: nullable(
    z.array(
      z.object({ internal: z.int(), external: z.int(), ip: z.string().nullish(), protocol: z.string() }),
    ),
  ),
  log_driver: z.string().nullish(),
  log_opts: nullable(z.record(z.string(), z.string())),
  healthcheck: nullable(z.array(z.object({ test: strings }))),
});
export type AppliedContainer = z.output<typeof applied>;

export function parseAppliedContainer(attributes: unknown): AppliedContainer | undefined {
  return applied.safeParse(attributes).data;
}

/** A field of the container that differs from the applied value. */
export interface ContainerField {
  /** The last part of the finding's id, `container.<id>`. */
  readonly id: string;
  readonly severity: Severity;
  /** The path in `docker inspect`. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  /** The fields in which a plan shows the same difference. */
  readonly attributes: readonly string[];
}

const mebibyte = 2 ** 20;
const none = "none";
const shown = (values: readonly string[]) => [...values].sort().join(", ") || none;

/** All fields of a container that differ from the applied values. */
export function compareContainer(
  was: AppliedContainer,
  now: EngineContainer,
  image: EngineImage | undefined,
): ContainerField[] {
  const { Config, HostConfig } = now;
  const fields: ContainerField[] = [];
  const inspect = (
    id: string,
    severity: Severity,
    path: string,
    [expected, actual]: readonly [string, string],
    attributes: readonly string[],
  ) => {
    if (expected !== actual) fields.push({ id, severity, path, expected, actual, attributes });
  };

  inspect("image", "critical", "Image", [was.image, now.Image], ["image"]);
  inspect("ports", "critical", "HostConfig.PortBindings", [appliedPorts(was), presentPorts(now)], ["ports"]);
  inspect(
    "privileged",
    "critical",
    "HostConfig.Privileged",
    ["false", String(HostConfig.Privileged)],
    ["privileged"],
  );
  const [capabilities] = was.capabilities ?? [];
  const added = [capabilities?.add ?? [], HostConfig.CapAdd].map((all) => shown(all.map(capability)));
  const dropped = [capabilities?.drop ?? [], HostConfig.CapDrop].map((all) => shown(all.map(capability)));
  inspect("cap-add", "critical", "HostConfig.CapAdd", [added[0]!, added[1]!], ["capabilities"]);
  inspect("cap-drop", "critical", "HostConfig.CapDrop", [dropped[0]!, dropped[1]!], ["capabilities"]);
  inspect("user", "critical", "Config.User", [was.user || "root", Config.User || "root"], ["user"]);
  inspect(
    "read-only",
    "critical",
    "HostConfig.ReadonlyRootfs",
    [String(was.read_only ?? false), String(HostConfig.ReadonlyRootfs)],
    ["read_only"],
  );
  inspect(
    "security-options",
    "critical",
    "HostConfig.SecurityOpt",
    [shown(was.security_opts), shown(HostConfig.SecurityOpt)],
    ["security_opts"],
  );
  inspect(
    "pid-mode",
    "critical",
    "HostConfig.PidMode",
    ["private", HostConfig.PidMode || "private"],
    ["pid_mode"],
  );
  inspect(
    "devices",
    "critical",
    "HostConfig.Devices",
    [none, shown((HostConfig.Devices ?? []).map(({ PathOnHost }) => PathOnHost))],
    ["devices"],
  );
  inspect("mounts", "critical", "Mounts", [appliedMounts(was), presentMounts(now)], ["mounts", "volumes"]);
  inspect(
    "tmpfs",
    "major",
    "HostConfig.Tmpfs",
    [shownMap(was.tmpfs ?? {}), shownMap(HostConfig.Tmpfs)],
    ["tmpfs"],
  );
  inspect("command", "critical", "Config.Cmd", [was.command.join(" "), Config.Cmd.join(" ")], ["command"]);
  inspect(
    "entrypoint",
    "critical",
    "Config.Entrypoint",
    [was.entrypoint.join(" "), Config.Entrypoint.join(" ")],
    ["entrypoint"],
  );
  inspect(
    "network-mode",
    "major",
    "HostConfig.NetworkMode",
    [network(was.network_mode), network(HostConfig.NetworkMode)],
    ["network_mode"],
  );
  inspect(
    "restart",
    "major",
    "HostConfig.RestartPolicy",
    [was.restart || "no", restartPolicy(now)],
    ["restart", "max_retry_count"],
  );
  inspect(
    "memory",
    "major",
    "HostConfig.Memory",
    [`${was.memory ?? 0} MiB`, `${HostConfig.Memory / mebibyte} MiB`],
    ["memory", "memory_swap"],
  );
  // If the kernel does not account for swap, no limit was applied.
  if ((was.memory_swap ?? 0) > 0) {
    const { MemorySwap } = HostConfig;
    inspect(
      "memory-swap",
      "minor",
      "HostConfig.MemorySwap",
      [`${was.memory_swap} MiB`, MemorySwap > 0 ? `${MemorySwap / mebibyte} MiB` : "no limit"],
      ["memory_swap"],
    );
  }
  inspect(
    "limits",
    "major",
    "HostConfig",
    [none, shownMap(limits(now))],
    ["cpus", "cpu_shares", "cpu_period", "cpu_quota", "cpu_set", "memory_reservation"],
  );
  inspect(
    "healthcheck",
    "minor",
    "Config.Healthcheck.Test",
    [was.healthcheck?.[0]?.test.join(" ") || none, Config.Healthcheck?.Test.join(" ") || none],
    ["healthcheck"],
  );
  inspect(
    "log-driver",
    "minor",
    "HostConfig.LogConfig.Type",
    [was.log_driver || none, HostConfig.LogConfig.Type],
    ["log_driver"],
  );
  inspect(
    "log-options",
    "minor",
    "HostConfig.LogConfig.Config",
    // The daemon adds options of its own.
    [
      shownMap(was.log_opts ?? {}),
      shownMap(
        Object.fromEntries(
          Object.keys(was.log_opts ?? {}).map((name) => [name, HostConfig.LogConfig.Config[name] ?? none]),
        ),
      ),
    ],
    ["log_opts"],
  );
  inspect("env", "major", "Config.Env", environments(was.env, Config.Env, image?.Config?.Env ?? []), ["env"]);
  const labels = Object.fromEntries((was.labels ?? []).map(({ label, value }) => [label, value]));
  inspect(
    "labels",
    "minor",
    "Config.Labels",
    [shownMap(labels), shownMap(without(Config.Labels, image?.Config?.Labels ?? {}, labels))],
    ["labels"],
  );
  return fields;
}

/** The limits that `docker update` sets besides memory and swap; a deploy declares none of them. */
const limitNames = [
  "MemoryReservation",
  "KernelMemory",
  "NanoCpus",
  "CpuShares",
  "CpuPeriod",
  "CpuQuota",
  "CpuRealtimePeriod",
  "CpuRealtimeRuntime",
  "CpusetCpus",
  "CpusetMems",
  "BlkioWeight",
  "PidsLimit",
] as const;

function limits({ HostConfig }: EngineContainer): Record<string, string> {
  const set = limitNames.filter((name) => HostConfig[name] && HostConfig[name] !== -1);
  return Object.fromEntries(set.map((name) => [name, String(HostConfig[name])]));
}

/** The network that a container was created on, whether it is still connected to it, and its other networks. */
export function networksOf(was: AppliedContainer, now: EngineContainer) {
  const own = network(was.network_mode);
  const names = Object.keys(now.NetworkSettings.Networks ?? {});
  return {
    own,
    isOnOwn: names.some((name) => network(name) === own),
    others: names.filter((name) => network(name) !== own),
  };
}

export function isLabelled({ Config }: EngineContainer, instanceId: string | undefined): boolean {
  return instanceId !== undefined && Config.Labels[instanceLabel] === instanceId;
}

function capability(name: string): string {
  return name.replace(/^CAP_/, "");
}

function restartPolicy({ HostConfig: { RestartPolicy } }: EngineContainer): string {
  const { Name, MaximumRetryCount } = RestartPolicy;
  return MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name || "no";
}

/** The name of a network; the engine has several names for its default network. */
function network(name: string | null | undefined): string {
  return !name || name === "default" ? "bridge" : name;
}

function appliedPorts({ ports }: AppliedContainer): string {
  return shown(
    (ports ?? []).map(
      ({ internal, external, ip, protocol }) => `${ip || "0.0.0.0"}:${external}->${internal}/${protocol}`,
    ),
  );
}

function presentPorts({ HostConfig }: EngineContainer): string {
  return shown(
    Object.entries(HostConfig.PortBindings).flatMap(([internal, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}->${internal}`),
    ),
  );
}

function appliedMounts({ mounts }: AppliedContainer): string {
  return shown(
    (mounts ?? []).map(({ type, source, target, read_only }) => mount(type, source, target, !read_only)),
  );
}

/** The mounts without tmpfs, which newer engines list here as well and which has a field of its own. */
function presentMounts({ Mounts }: EngineContainer): string {
  return shown(
    Mounts.filter(({ Type }) => Type !== "tmpfs").map(({ Type, Name, Source, Destination, RW }) =>
      mount(Type, Type === "volume" ? (Name ?? "") : Source, Destination, RW),
    ),
  );
}

function mount(type: string, source: string, target: string, writable: boolean): string {
  return `${type} ${source} at ${target}${writable ? "" : " (read only)"}`;
}

function shownMap(values: Readonly<Record<string, string>>): string {
  return shown(Object.entries(values).map(([name, value]) => (value ? `${name}=${value}` : name)));
}

function without(
  values: Readonly<Record<string, string>>,
  image: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => name in expected || image[name] !== value),
  );
}

/** Compares variables by name and shows no values, because a value can be a secret. */
function environments(
  expected: readonly string[],
  actual: readonly string[],
  image: readonly string[],
): readonly [string, string] {
  const extra = actual.filter((entry) => !expected.includes(entry) && !image.includes(entry));
  const missing = expected.filter((entry) => !actual.includes(entry));
  const name = (entry: string) => entry.split("=", 1)[0] ?? "";
  if (extra.length === 0 && missing.length === 0) return [none, none];
  const changed = extra.map(name);
  const describe = (entry: string) =>
    missing.some((other) => name(other) === name(entry)) ? `${name(entry)} changed` : `${name(entry)} added`;
  const gone = missing.map(name).filter((missed) => !changed.includes(missed));
  return [
    `${expected.length} variables`,
    [...extra.map(describe), ...gone.map((missed) => `${missed} removed`)].join(", "),
  ];
}
