import { basename, dirname, join, relative } from "node:path";
import { assignments } from "../../core/assignments";
import { ifError, UserError } from "../../core/errors";
import { accountOf } from "../../core/system/os-user";
import { type EngineApi, EngineError } from "../../docker/engine-api";
import { execute } from "../../docker/engine-exec";
import type { EngineContainer } from "../../docker/schemas";
import { runsGateway, userOfContainer } from "../../host/gateway-processes";
import { socketMount } from "../../model/openclaw/gateway-container";
import { openclawPaths } from "../../model/openclaw/openclaw-paths";
import type { GatewayContainerRecord } from "../../store/records/gateway-container-record";
import { existsAsUser, realPathAsUser } from "../folder/as-user";
import { usable } from "../interpreter";
import { type GatewayLocation, gatewayLocation } from "./location";

/**
 * The names of the running containers that mount a folder of the host, and of those that mount one above it and run a gateway:
 * others do that for another reason, such as a backup.
 */
export async function containersWith(engine: EngineApi, folder: string): Promise<string[]> {
  const names = (await engine.containers()).map(async ({ Id, Names, Mounts }) => {
    const ways = (Mounts ?? []).flatMap(({ Source }) => wayTo(folder, Source) ?? []);
    const mounts = ways.includes("") || (ways.length > 0 && (await runsGatewayOn(engine, Id, folder)));
    return mounts ? [Names[0]?.replace(/^\//, "") ?? Id] : [];
  });
  return (await Promise.all(names)).flat();
}

/** The first running container in which a gateway runs that no instance of this program deploys for; undefined if there is none. */
export async function containerOfOther(engine: EngineApi): Promise<EngineContainer | undefined> {
  const own = accountOf();
  for (const { Id } of await engine.containers()) {
    const container = await engine.inspectContainer(Id);
    if (container?.State.Status !== "running" || !runsGateway(container.State.Pid)) continue;
    const isDeployed = container.Mounts.some(({ Source }) =>
      [Source, join(Source, ".openclaw")].some((path) => existsAsUser(openclawPaths(path).own, own)),
    );
    if (!isDeployed) return container;
  }
  return undefined;
}

async function runsGatewayOn(engine: EngineApi, id: string, folder: string): Promise<boolean> {
  const container = await engine.inspectContainer(id);
  return (
    container !== undefined && placeIn(container, folder) !== undefined && runsGateway(container.State.Pid)
  );
}

/** Where a container has a folder of the host, by a mount of it, else of a folder above it; undefined if it has it nowhere. */
export function placeIn({ Mounts }: EngineContainer, folder: string): string | undefined {
  const places = Mounts.flatMap((mount) => {
    const way = wayTo(folder, mount.Source);
    return way === undefined ? [] : [{ mount, way, place: join(mount.Destination, way) }];
  }).sort((one, other) => one.way.length - other.way.length);
  // Another mount can cover it there.
  return places.find(({ mount, place }) => mount === mountAt(Mounts, place))?.place;
}

/** The mount in which a path of a container lies. */
function mountAt(mounts: EngineContainer["Mounts"], path: string) {
  return mounts
    .filter(({ Destination }) => isWay(relative(Destination, path)))
    .sort((one, other) => other.Destination.length - one.Destination.length)[0];
}

/** The way to a folder of the host from one of the same folder or above it, wherever links lead; undefined from any other. */
function wayTo(folder: string, from: string): string | undefined {
  const own = accountOf();
  const real = (path: string) => realPathAsUser(path, own) ?? path;
  const way = from === "" ? ".." : relative(real(from), real(folder));
  return isWay(way) ? way : undefined;
}

/** Whether a relative path leads out of no folder. */
function isWay(path: string): boolean {
  return path !== ".." && !path.startsWith("../");
}

/** Whether a container mounts the volume of Vault's Unix listener where its gateway looks for it. */
export function hasSocket({ Mounts }: EngineContainer, socketVolume: string): boolean {
  return Mounts.some(({ Name, Destination }) => Name === socketVolume && Destination === socketMount);
}

interface InspectOptions {
  /** A running container. */
  readonly container: EngineContainer;
  /** OpenClaw's folder on the host. */
  readonly folder: string;
  /** `openclaw.node` in the settings: a path in the container. */
  readonly node: string | undefined;
}

/**
 * Reads from the engine and the kernel what the gateway's files must fit: the folder as the container has it, the gateway's
 * user, its Node.
 * @throws UserError if a file placed on the host could not work there
 */
export async function inspectGatewayContainer(
  engine: EngineApi,
  { container, folder, node }: InspectOptions,
): Promise<GatewayContainerRecord> {
  const { Name: name, Image: image, Config, State } = container;
  const there = placeIn(container, folder);
  if (there === undefined) throw notMounted(name, folder);
  const user = userOfContainer(State.Pid);
  if (!user) throw otherUsers(name);
  const place = { folder: there, node: await nodeOf(engine, container, node) };
  const elsewhere = await readElsewhere(engine, container, place);
  if (elsewhere) throw readsAnother(name, elsewhere, there);
  return { container: name, ...place, ...user, image, user: Config.User };
}

/**
 * The configuration that a container's variables name, if that is not the one in the folder where the container has OpenClaw's.
 * Its links are those of the container.
 * @param place the folder and the Node there
 */
export async function readElsewhere(
  engine: EngineApi,
  { Id, Config }: EngineContainer,
  { folder, node }: Pick<GatewayContainerRecord, "folder" | "node">,
): Promise<Pick<GatewayLocation, "config" | "by"> | undefined> {
  // Without HOME, what begins with ~ is not known here.
  const { config, by } = gatewayLocation({ env: assignments(Config.Env), home: unknownHome });
  const own = openclawPaths(folder).gateway;
  if (by === undefined || config === own || config.startsWith(unknownHome)) return undefined;
  if (basename(config) !== basename(own)) return { config, by };
  // The file itself can be missing still.
  const real = [config, own].map((path) => `fs.realpathSync(${JSON.stringify(dirname(path))})`);
  const asked = await outputOf(engine, Id, [node, "-p", `new Set([${real}]).size`]);
  return asked === "1" ? undefined : { config, by };
}

const unknownHome = "/home of the container";

async function nodeOf(
  engine: EngineApi,
  { Id, Name }: EngineContainer,
  declared: string | undefined,
): Promise<string> {
  const candidates = declared === undefined ? ["node", "/usr/local/bin/node", "/usr/bin/node"] : [declared];
  for (const candidate of candidates) {
    const path = await outputOf(engine, Id, [candidate, "-p", "process.execPath"]);
    if (path !== undefined && usable.test(path)) return path;
  }
  throw new UserError({
    problem: `The container ${Name} has no Node that can be run, and the gateway needs it to get the key.`,
    got: `none of ${candidates.join(", ")} runs there`,
    fix: "Set `openclaw.node` in the settings to the container's Node: an absolute path there. If the gateway runs on this host, set `openclaw.container` to false.",
  });
}

/** What a command in a container prints; undefined if it fails there. */
async function outputOf(
  engine: EngineApi,
  id: string,
  command: readonly string[],
): Promise<string | undefined> {
  // Newer engines refuse to run what is not there.
  const run = await execute(engine, id, command).catch(ifError(EngineError, () => undefined));
  return run?.exitCode === 0 ? run.stdout.trim() : undefined;
}

function readsAnother(
  name: string,
  { config, by }: Pick<GatewayLocation, "config" | "by">,
  folder: string,
): UserError {
  return new UserError({
    problem: `The gateway in the container ${name} reads another configuration than the mounted one, so it would get nothing of what is deployed.`,
    got: `${config}, by ${by} of the container`,
    expected: openclawPaths(folder).gateway,
    fix: `Mount OpenClaw's folder at ${dirname(config)}, or create the container without ${by}.`,
  });
}

function notMounted(name: string, folder: string): UserError {
  return new UserError({
    problem: `The container ${name} does not mount OpenClaw's folder, so its gateway would get nothing of what is deployed.`,
    got: `no mount of ${folder}`,
    expected: `docker run: -v ${folder}:/home/node/.openclaw`,
    fix: "Mount it, or set `openclaw.folder` in the settings to the folder of this host that the container mounts, or `openclaw.container` to another one.",
  });
}

function otherUsers(name: string): UserError {
  return new UserError({
    problem: `The users of the container ${name} are other users on this host (a user namespace), so files placed for it would not be its own.`,
    expected: "an engine without `userns-remap`, not rootless",
    fix: 'Run the gateway on this host, and set "openclaw": { "container": false }.',
  });
}
