import { existsSync } from "node:fs";
import { UserError, type UserErrorProps } from "../core/errors";
import { findProgram } from "../core/system/find-program";
import { accountOf } from "../core/system/os-user";
import { quote } from "../core/text";
import { compareVersions } from "../core/version";
import { EngineApi } from "./engine-api";
import { type EngineLocation, locateEngine, socketsHere } from "./engine-locate";
import type { EngineInfo } from "./schemas";

/** A reachable local Docker Engine. */
export interface ReachedEngine {
  readonly api: EngineApi;
  readonly socket: string;
  /** The value of `DOCKER_HOST` for child processes. */
  readonly host: string;
  readonly namedBy: string;
}

/** The same, with its identity. */
export interface Engine extends ReachedEngine, EngineInfo {}

/** The state of the local Docker Engine. */
export type EngineState<Found extends ReachedEngine = Engine> =
  | { readonly state: "running"; readonly engine: Found }
  /** The daemon is installed, but nothing answers at the socket. */
  | { readonly state: "stopped"; readonly location: EngineLocation; readonly daemon: string }
  | { readonly state: "absent"; readonly location: EngineLocation }
  | { readonly state: "forbidden"; readonly location: EngineLocation }
  /** Something answers, but not as an engine does. */
  | { readonly state: "broken"; readonly location: EngineLocation; readonly reason: string };

/**
 * Finds the local engine. Changes nothing.
 * @throws UserError if the environment names an engine on another host, or Podman answers
 */
export function findEngine(env: NodeJS.ProcessEnv = process.env): Promise<EngineState> {
  return seek(env, async (api) => (await Promise.all([api.info(), api.ping()]))[0]);
}

/** The engine that runs on this host, if any. It installs none, and an unreachable engine is no error. */
export async function runningEngine(env: NodeJS.ProcessEnv = process.env): Promise<Engine | undefined> {
  const found = await findEngine(env).catch(() => undefined);
  return found?.state === "running" ? found.engine : undefined;
}

/** The same as {@link findEngine}, without the engine's identity: to report its version, an engine starts two programs. */
export function reachEngine(env: NodeJS.ProcessEnv = process.env): Promise<EngineState<ReachedEngine>> {
  return seek(env, (api) => api.ping());
}

/** The API of the engine that answers on this host; undefined if none does, or it is not one that can be used. */
export async function answeringEngine(): Promise<EngineApi | undefined> {
  const found = await reachEngine().catch(() => undefined);
  return found?.state === "running" ? found.engine.api : undefined;
}

async function seek<Info>(
  env: NodeJS.ProcessEnv,
  ask: (api: EngineApi) => Promise<Info>,
): Promise<EngineState<ReachedEngine & Info>> {
  const location = locateEngine(env);
  const api = new EngineApi(location.socket);
  try {
    const info = await ask(api);
    const { socket, namedBy } = location;
    return { state: "running", engine: { ...info, api, socket, namedBy, host: `unix://${socket}` } };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") return { state: "forbidden", location };
    if (code !== "ENOENT" && code !== "ECONNREFUSED") return { state: "broken", location, reason: message };
    const daemon =
      findProgram("dockerd", `${env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin`) ??
      (existsSync(snapDaemon) ? snapDaemon : undefined);
    return daemon ? { state: "stopped", location, daemon } : { state: "absent", location };
  }
}

/** @throws UserError if no local engine answers, with the commands that fix it */
export async function requireEngine(): Promise<Engine> {
  const found = await findEngine();
  if (found.state === "running") return found.engine;
  throw engineError(found);
}

/** The daemon of Canonical's snap of the engine. */
const snapDaemon = "/snap/docker/current/bin/dockerd";

/** The engine's unit of systemd. */
export function engineUnit(daemon?: string): string {
  return daemon === snapDaemon ? "snap.docker.dockerd" : "docker";
}

/** Whether systemd runs this machine's services, as in `sd_booted(3)`. */
export function systemdRuns(): boolean {
  return existsSync("/run/systemd/system");
}

/**
 * The error for an engine that does not answer, with the commands that fix it.
 * @param others the sockets of other engines on this host, such as the user's own
 */
export function engineError(
  found: Exclude<EngineState, { state: "running" }>,
  others: readonly string[] = socketsHere().filter((socket) => socket !== found.location.socket),
): UserError {
  const [other] = others;
  const orOther =
    other && `Or use the engine whose socket is there: export DOCKER_HOST=${quote(`unix://${other}`)}`;
  const { fix, ...props } = whyNoAnswer(found);
  return new UserError({ ...props, fix: [fix, orOther].filter(Boolean).join("\n") });
}

function whyNoAnswer(found: Exclude<EngineState, { state: "running" }>): UserErrorProps {
  const where = `${found.location.socket} (${found.location.namedBy})`;
  if (found.state === "forbidden") {
    return {
      problem: "The Docker Engine's socket may not be opened by this user.",
      got: `no permission on ${where} for ${accountOf().name}`,
      expected: "a member of the group docker (which is as good as root on this host)",
      fix: `sudo usermod -aG docker ${accountOf().name}\nthen log out and in again.`,
    };
  }
  if (found.state === "broken") {
    return {
      problem: "The Docker Engine does not answer as it should.",
      got: `${where}: ${found.reason}`,
      fix: systemdRuns() ? "sudo systemctl restart docker" : "See the engine's log, and start it again.",
    };
  }
  if (!found.location.isDefault) {
    return {
      problem: "No Docker Engine answers at the configured socket.",
      got: `nothing at ${where}`,
      fix: `Start that engine, or remove ${found.location.namedBy} to use the default one.`,
    };
  }
  if (found.state === "stopped") {
    return {
      problem: "Docker Engine is installed and does not run.",
      got: `${found.daemon}, and nothing answers at ${where}`,
      fix: startCommand(engineUnit(found.daemon)),
    };
  }
  return {
    problem: "There is no Docker Engine on this host.",
    got: `nothing at ${where}, no dockerd`,
    fix: `sudo apt-get update && sudo apt-get install -y docker.io\n${startCommand("docker")}\n(other systems: https://docs.docker.com/engine/install/)`,
  };
}

function startCommand(unit: string): string {
  return systemdRuns()
    ? `sudo systemctl enable --now ${unit}`
    : "sudo sh -c 'dockerd >/var/log/dockerd.log 2>&1 &'";
}

/**
 * A warning about engines before 28; undefined for newer ones. Older engines rewrite the destination of any packet for
 * 127.0.0.1:<published port>, from whichever interface, so a neighbour that forges one reaches Vault. A rootless one rewrites
 * nothing on the host: a process of its own listens there.
 */
export function loopbackWarning({
  version,
  isRootless,
}: Pick<EngineInfo, "version" | "isRootless">): string | undefined {
  if (isRootless || compareVersions(version, "28.0.0") >= 0) return undefined;
  return (
    `Docker Engine ${version} is ${loopbackProblem}. ` +
    `Use a newer engine, or close it (and keep the rule over restarts): ${loopbackRule}`
  );
}

/** What is wrong with an engine of which {@link loopbackWarning} warns. */
export const loopbackProblem =
  "older than 28: hosts on the same network segment can reach ports published on 127.0.0.1";

/** The rule that newer engines add for each published port, here for all ports. */
export const loopbackRule = "sudo iptables -t raw -I PREROUTING -d 127.0.0.0/8 ! -i lo -j DROP";
