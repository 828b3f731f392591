import { sandboxInstance } from "../../config/sandbox";
import { UserError, wrongUsage } from "../../core/errors";
import { poll } from "../../core/poll";
import { accountOf } from "../../core/system/os-user";
import { quote } from "../../core/text";
import { answeringEngine } from "../../docker/engine";
import type { EngineApi } from "../../docker/engine-api";
import type { EngineContainer } from "../../docker/schemas";
import type { Deployment } from "../../model/deployment";
import { mountLines, userOfGateway } from "../../model/openclaw/gateway-container";
import { openclawPaths } from "../../model/openclaw/openclaw-paths";
import { existsAsUser } from "../../openclaw/folder/as-user";
import {
  containerOfOther,
  containersWith,
  hasSocket,
  inspectGatewayContainer,
} from "../../openclaw/gateway/container";
import { accountInItsHome, reads, runningGateways } from "../../openclaw/gateway/instances";
import { ensureHome } from "../../store/home";
import {
  type GatewayContainerRecord,
  gatewayContainerRecord,
} from "../../store/records/gateway-container-record";

/**
 * Finds the container in which OpenClaw's gateway runs, and records it: the one that the settings name, else the running one that
 * mounts OpenClaw's folder. A recorded one stays while it does not run, until the settings say otherwise.
 * @param say prints a line for the person
 * @param patience how long one that restarts is waited for, in milliseconds
 * @param signal ends that waiting
 * @returns whether the record changed, and with it the deployment
 * @throws UserError if several mount the folder, or what is placed would not fit the container
 */
export async function chooseGatewayContainer(
  deployment: Deployment,
  say: (line: string) => void,
  { patience = 60_000, signal }: { readonly patience?: number; readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const { home, instance, settings, openclawFolder, socketVolume, external } = deployment;
  const recorded = gatewayContainerRecord.read(home);
  if (settings.openclaw.container === false) {
    if (recorded) gatewayContainerRecord.remove(home);
    return recorded !== undefined;
  }
  // A deploy that needs an engine reports why there is none.
  const engine = instance === sandboxInstance ? undefined : await answeringEngine();
  const name =
    engine && (settings.openclaw.container ?? (await onlyOneWith(engine, deployment, recorded, say)));
  if (!engine || name === undefined) return false;
  const isRecorded = recorded?.container === name;
  const { node, user } = settings.openclaw;
  const inspect = (container: EngineContainer) =>
    inspectGatewayContainer(engine, { container, folder: openclawFolder, node });
  const waiting = { every: 250, timeout: isRecorded ? 0 : patience, signal };
  const seen = await poll(() => inspectSettled(engine, name, inspect), waiting);
  if (!seen?.found) {
    if (isRecorded) return false;
    throw notRunning(name, seen ? seen.status : "restarting");
  }
  const { container, found } = seen;
  requireFit(found, openclawFolder, user);
  ensureHome(home.root);
  gatewayContainerRecord.write(home, found);
  if (recorded?.container !== name)
    say(`OpenClaw's gateway runs in the container ${name}, as uid ${found.uid}.`);
  if (!external && !hasSocket(container, socketVolume))
    say(
      `! The container ${name} does not reach Vault yet. Once this has deployed:\n  ${mountLines(socketVolume).replaceAll("\n", "\n  ")}`,
    );
  return JSON.stringify(found) !== JSON.stringify(recorded);
}

type Settled =
  | { readonly found: GatewayContainerRecord; readonly container: EngineContainer }
  | { readonly found?: undefined; readonly status: string | undefined };

/** @returns undefined while it restarts, as a gateway does that ends itself after its first start */
async function inspectSettled(
  engine: EngineApi,
  name: string,
  inspect: (container: EngineContainer) => Promise<GatewayContainerRecord>,
): Promise<Settled | undefined> {
  const container = await engine.inspectContainer(name);
  if (container?.State.Status === "restarting") return undefined;
  if (container?.State.Status !== "running") return { status: container?.State.Status };
  try {
    return { found: await inspect(container), container };
  } catch (error) {
    // What was asked of one that ended meanwhile was answered wrongly.
    const now = await engine.inspectContainer(name);
    if (now?.State.Status === "running" && now.State.Pid === container.State.Pid) throw error;
    return undefined;
  }
}

/**
 * The running container that mounts the folder; undefined if there is none, or if a gateway that runs on this host reads the folder:
 * then the container has it for another reason, such as a backup.
 * @throws UserError (wrong usage) if several mount the folder, and the recorded one is none of them; or if none does, OpenClaw has
 *   no configuration in it, and a gateway runs in another container
 */
async function onlyOneWith(
  engine: EngineApi,
  { openclawFolder: folder, settings }: Deployment,
  recorded: GatewayContainerRecord | undefined,
  say: (line: string) => void,
): Promise<string | undefined> {
  const names = await containersWith(engine, folder);
  if (recorded && names.includes(recorded.container)) return recorded.container;
  const [name] = names;
  const account = accountInItsHome(settings.openclaw.user);
  if (!name && !recorded && !existsAsUser(openclawPaths(folder).gateway, account)) {
    const other = await containerOfOther(engine);
    if (other) throw notOfFolder(other, folder);
  }
  const onHost = name && runningGateways(account).find(reads(folder, account));
  if (onHost) {
    say(
      `! ${names.join(", ")} mounts ${folder}, and ${onHost.name} reads it: the files are for that one. Name it in the settings if it is the container's ("openclaw": { "container": "${name}" }), or say that none is ("container": false).`,
    );
    return undefined;
  }
  if (names.length < 2) return name;
  throw wrongUsage({
    problem: `Several running containers mount ${folder}: which one runs OpenClaw's gateway?`,
    got: names.join(", "),
    fix: `Name it in the settings: "openclaw": { "container": "${name}" }`,
  });
}

/** With a named volume, for example: what is placed in a folder that no gateway reads would pass the check. */
function notOfFolder({ Name, Mounts }: EngineContainer, folder: string): UserError {
  const name = Name.replace(/^\//, "");
  const mounts = Mounts.map(
    ({ Name: volume, Source, Destination }) => `${volume || Source} at ${Destination}`,
  );
  return wrongUsage({
    problem: `OpenClaw's gateway runs in the container ${name}, which does not mount ${folder}: it would get nothing of what is deployed.`,
    got: mounts.join(", ") || "no mounts",
    expected: `docker run: -v ${folder}:/home/node/.openclaw`,
    fix: `Set "openclaw": { "folder": "…" } to the folder of this host that it mounts; move what is in a named volume to such a folder first. If the deploy is for a gateway on this host: "openclaw": { "container": false }.`,
  });
}

function notRunning(name: string, status: string | undefined): UserError {
  const start =
    status === "restarting"
      ? `See why it ends again and again: docker logs ${name}. Once it runs, run this again`
      : "Start it, then run this again";
  return new UserError({
    problem: `The container ${name} of OpenClaw's gateway ${status === undefined ? "does not exist" : "does not run"}: its user and Node are not known.`,
    got: status ?? "no such container",
    expected: "a running container with OpenClaw's gateway",
    fix: `${start}; or set "openclaw": { "container": false } if the gateway runs on this host.`,
  });
}

/** @throws UserError if the gateway's user differs from the declared one, or does not reach the folder on this host */
function requireFit(found: GatewayContainerRecord, folder: string, user: string | undefined): void {
  if (user !== undefined && accountOf(user).uid !== found.uid) {
    throw new UserError({
      problem: `The gateway in the container ${found.container} does not run as \`openclaw.user\`.`,
      got: `uid ${found.uid}`,
      expected: `${user}, uid ${accountOf(user).uid}`,
      fix: "Remove `openclaw.user` from the settings, or run the container as that user (docker run --user).",
    });
  }
  // The dot: the user must be able to enter the folder itself, too.
  if (existsAsUser(`${folder}/.`, accountOf(userOfGateway(found)))) return;
  throw new UserError({
    problem: `The gateway's user cannot enter ${folder} on this host, so no file can be placed as that user.`,
    got: `uid ${found.uid}, which may not enter it or a folder above it`,
    fix: `Give it to that user: chown -R ${userOfGateway(found)} ${quote(folder)}\nIf that user may not enter a folder above it: move it, such as to /srv/openclaw, mount it from there, and set "openclaw": { "folder": "/srv/openclaw" }.`,
  });
}
