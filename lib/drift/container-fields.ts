import { z } from "zod";
import { compareFields, type FieldDifference } from "../core/compare-fields";
import { type EngineContainer, type EngineImage, limitNames } from "../docker/schemas";
import { attributesOf, type State } from "../model/terraform-state";
import type { Severity } from "../report/finding";
import { listed, listedPairs } from "./field-texts";

const strings = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);
const text = z.string().nullish();
const texts = z.record(z.string(), z.string()).nullish();
const many = <T extends z.ZodRawShape>(shape: T) => z.array(z.object(shape)).nullish();

/** The container as applied: the fields of `docker_container` that are read from Terraform's state. */
const applied = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  command: strings,
  entrypoint: strings,
  user: text,
  env: strings,
  labels: many({ label: z.string(), value: z.string() }),
  capabilities: many({ add: strings, drop: strings }),
  security_opts: strings,
  read_only: z.boolean().nullish(),
  restart: text,
  memory: z.number().nullish(),
  /** The limit of memory and swap together, in MiB; −1: no limit. */
  memory_swap: z.number().nullish(),
  network_mode: text,
  mounts: many({
    type: z.string(),
    source: z.string(),
    target: z.string(),
    read_only: z.boolean().nullish(),
  }),
  tmpfs: texts,
  ports: many({ internal: z.int(), external: z.int(), ip: text, protocol: z.string() }),
  log_driver: text,
  log_opts: texts,
  healthcheck: many({ test: strings }),
});
export type AppliedContainer = z.output<typeof applied>;

export function parseAppliedContainer(attributes: unknown): AppliedContainer | undefined {
  return applied.safeParse(attributes).data;
}

/** The container as applied; undefined if the state has none. */
export function appliedContainerIn(state: State | undefined): AppliedContainer | undefined {
  return parseAppliedContainer(attributesOf(state, "docker_container").values().next().value);
}

/** A field of the container that differs from the applied value. */
interface ContainerField extends FieldDifference {
  /** The last part of the finding's id, `container.<id>`. */
  readonly id: string;
  readonly severity: Severity;
  /** The fields in which a plan shows the same difference. */
  readonly attributes: readonly string[];
}

/** A field: how severe a difference is, its path in `docker inspect`, and the fields of the provider that hold it. */
type FieldSpec = readonly [severity: Severity, path: string, attributes: readonly string[]];

const fields = {
  image: ["critical", "Image", ["image"]],
  ports: ["critical", "HostConfig.PortBindings", ["ports"]],
  privileged: ["critical", "HostConfig.Privileged", ["privileged"]],
  "cap-add": ["critical", "HostConfig.CapAdd", ["capabilities"]],
  "cap-drop": ["critical", "HostConfig.CapDrop", ["capabilities"]],
  user: ["critical", "Config.User", ["user"]],
  "read-only": ["critical", "HostConfig.ReadonlyRootfs", ["read_only"]],
  "security-options": ["critical", "HostConfig.SecurityOpt", ["security_opts"]],
  "pid-mode": ["critical", "HostConfig.PidMode", ["pid_mode"]],
  devices: ["critical", "HostConfig.Devices", ["devices"]],
  mounts: ["critical", "Mounts", ["mounts", "volumes"]],
  tmpfs: ["major", "HostConfig.Tmpfs", ["tmpfs"]],
  command: ["critical", "Config.Cmd", ["command"]],
  entrypoint: ["critical", "Config.Entrypoint", ["entrypoint"]],
  "network-mode": ["major", "HostConfig.NetworkMode", ["network_mode"]],
  restart: ["major", "HostConfig.RestartPolicy", ["restart", "max_retry_count"]],
  memory: ["major", "HostConfig.Memory", ["memory", "memory_swap"]],
  "memory-swap": ["minor", "HostConfig.MemorySwap", ["memory_swap"]],
  limits: [
    "major",
    "HostConfig",
    ["cpus", "cpu_shares", "cpu_period", "cpu_quota", "cpu_set", "memory_reservation"],
  ],
  healthcheck: ["minor", "Config.Healthcheck.Test", ["healthcheck"]],
  "log-driver": ["minor", "HostConfig.LogConfig.Type", ["log_driver"]],
  "log-options": ["minor", "HostConfig.LogConfig.Config", ["log_opts"]],
  env: ["major", "Config.Env", ["env"]],
  labels: ["minor", "Config.Labels", ["labels"]],
} as const satisfies Readonly<Record<string, FieldSpec>>;

type FieldId = keyof typeof fields;
/**
 * All fields of a container that differ from the applied values.
 * @param limitsSwap whether the kernel limits swap. A deploy never changes the limit of a container, and its refresh writes a limit
 * that was taken away into the state: so it is the memory's, whatever the state says
 */
export function compareContainer(
  applied: AppliedContainer,
  now: EngineContainer,
  image: EngineImage | undefined,
  limitsSwap: boolean,
): ContainerField[] {
  const was = limitsSwap && applied.memory ? { ...applied, memory_swap: applied.memory } : applied;
  const values = valuesOf(was, now, image);
  return (Object.keys(fields) as FieldId[]).flatMap((id) => {
    const [severity, path, attributes] = fields[id];
    const differing = compareFields([[path, ...values[id]]]);
    return differing.map((difference) => ({ ...difference, id, severity, attributes }));
  });
}

const none = "none";

/** The applied and the present value of each field, as texts that are equal if nothing differs. */
function valuesOf(
  was: AppliedContainer,
  now: EngineContainer,
  image: EngineImage | undefined,
): Readonly<Record<FieldId, readonly [applied: string, present: string]>> {
  const { Config, HostConfig } = now;
  const [capabilitiesThen] = was.capabilities ?? [];
  const labels = Object.fromEntries((was.labels ?? []).map(({ label, value }) => [label, value]));
  const ownLabels = withoutImages(Config.Labels, image?.Config?.Labels ?? {}, labels);
  const logOptions = was.log_opts ?? {};
  return {
    image: [was.image, now.Image],
    ports: [appliedPorts(was), presentPorts(now)],
    privileged: ["false", String(HostConfig.Privileged)],
    "cap-add": [capabilities(capabilitiesThen?.add), capabilities(HostConfig.CapAdd)],
    "cap-drop": [capabilities(capabilitiesThen?.drop), capabilities(HostConfig.CapDrop)],
    user: [was.user || "root", Config.User || "root"],
    "read-only": [String(was.read_only ?? false), String(HostConfig.ReadonlyRootfs)],
    "security-options": [listed(was.security_opts), listed(HostConfig.SecurityOpt)],
    "pid-mode": ["private", HostConfig.PidMode || "private"],
    devices: [none, listed((HostConfig.Devices ?? []).map(({ PathOnHost }) => PathOnHost))],
    mounts: [appliedMounts(was), presentMounts(now)],
    tmpfs: [listedPairs(was.tmpfs ?? {}), listedPairs(HostConfig.Tmpfs)],
    command: [was.command.join(" "), Config.Cmd.join(" ")],
    entrypoint: [was.entrypoint.join(" "), Config.Entrypoint.join(" ")],
    "network-mode": [network(was.network_mode), network(HostConfig.NetworkMode)],
    restart: [was.restart || "no", restartPolicy(now)],
    // None is declared where the kernel limits none: then the engine's number has no effect.
    memory: was.memory ? [`${was.memory} MiB`, mebibytes(HostConfig.Memory)] : [none, none],
    "memory-swap": limitsSwap(was) ? [`${was.memory_swap} MiB`, swap(now)] : [none, none],
    limits: [none, listedPairs(limits(now))],
    healthcheck: [was.healthcheck?.[0]?.test.join(" ") || none, Config.Healthcheck?.Test.join(" ") || none],
    "log-driver": [was.log_driver || none, HostConfig.LogConfig.Type],
    "log-options": [
      listedPairs(logOptions),
      listedPairs(declaredOf(HostConfig.LogConfig.Config, logOptions)),
    ],
    env: environments(was.env, Config.Env, image?.Config?.Env ?? []),
    labels: [listedPairs(labels), listedPairs(ownLabels)],
  };
}

function mebibytes(bytes: number): string {
  return `${bytes / 2 ** 20} MiB`;
}

/** Whether a limit of swap was applied: none was if the kernel does not account for swap. */
function limitsSwap({ memory_swap }: AppliedContainer): boolean {
  return (memory_swap ?? 0) > 0;
}

function swap({ HostConfig: { MemorySwap } }: EngineContainer): string {
  return MemorySwap > 0 ? mebibytes(MemorySwap) : "no limit";
}

type Texts = Readonly<Record<string, string>>;

/** The present values of the declared options: the daemon adds options of its own. */
function declaredOf(present: Texts, declared: Texts): Texts {
  return Object.fromEntries(Object.keys(declared).map((name) => [name, present[name] ?? none]));
}

function withoutImages(values: Texts, image: Texts, expected: Texts): Texts {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => name in expected || image[name] !== value),
  );
}

/** The limits that are set; a deploy declares none of them. */
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

function capabilities(names: readonly string[] = []): string {
  return listed(names.map((name) => name.replace(/^CAP_/, "")));
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
  return listed(
    (ports ?? []).map(
      ({ internal, external, ip, protocol }) => `${ip || "0.0.0.0"}:${external}->${internal}/${protocol}`,
    ),
  );
}

function presentPorts({ HostConfig }: EngineContainer): string {
  return listed(
    Object.entries(HostConfig.PortBindings ?? {}).flatMap(([internal, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}->${internal}`),
    ),
  );
}

function appliedMounts({ mounts }: AppliedContainer): string {
  return listed(
    (mounts ?? []).map(({ type, source, target, read_only }) => mount(type, source, target, !read_only)),
  );
}

/** The mounts without tmpfs, which newer engines list here as well and which has a field of its own. */
function presentMounts({ Mounts }: EngineContainer): string {
  return listed(
    Mounts.filter(({ Type }) => Type !== "tmpfs").map(({ Type, Name, Source, Destination, RW }) =>
      mount(Type, Type === "volume" ? (Name ?? "") : Source, Destination, RW),
    ),
  );
}

function mount(type: string, source: string, target: string, writable: boolean): string {
  return `${type} ${source} at ${target}${writable ? "" : " (read only)"}`;
}

/** Compares variables by name and shows no values, because a value can be a secret. */
function environments(
  expected: readonly string[],
  actual: readonly string[],
  image: readonly string[],
): [string, string] {
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
