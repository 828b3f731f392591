import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { onTheWay, requireTrusted } from "../core/files/trusted-path";
import { sha256 } from "../core/fingerprint";
import { isLoopbackUrl } from "../core/network/loopback";
import { quote } from "../core/text";

export const defaultSocket = "/var/run/docker.sock";

/** The socket of the engine that the docker CLI would use. */
export interface EngineLocation {
  readonly socket: string;
  /** The source of the socket, for messages: `DOCKER_HOST`, a context, or the default. */
  readonly namedBy: string;
  readonly isDefault: boolean;
}

const configSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) });

/**
 * Finds the engine as the docker CLI does: `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context, the default socket.
 * @throws UserError if the engine is on another host or, for root, another user's, if the context cannot be read, or another user
 * could exchange what names the engine
 */
export function locateEngine(env: NodeJS.ProcessEnv = process.env): EngineLocation {
  if (env.DOCKER_HOST) return location(env.DOCKER_HOST, "DOCKER_HOST", "`unset DOCKER_HOST`");
  const folder = env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker");
  requireTrusted(join(folder, "config.json"), "Docker's configuration");
  const config = configSchema.safeParse(readJson(join(folder, "config.json")));
  const context = env.DOCKER_CONTEXT || config.data?.currentContext;
  if (!context || context === "default")
    return { socket: defaultSocket, namedBy: "the default socket", isDefault: true };

  const namedBy = `Docker's context "${context}" (${env.DOCKER_CONTEXT ? "DOCKER_CONTEXT" : join(folder, "config.json")})`;
  const fix = env.DOCKER_CONTEXT ? "`unset DOCKER_CONTEXT`" : "`docker context use default`";
  const file = join(folder, "contexts/meta", sha256(context), "meta.json");
  requireTrusted(file, "Docker's context");
  const meta = contextSchema.safeParse(readJson(file));
  if (!meta.success) {
    throw new UserError({
      problem: `${namedBy} does not exist.`,
      expected: "a context that `docker context ls` lists, with a docker endpoint",
      fix,
    });
  }
  return location(meta.data.Endpoints.docker.Host, namedBy, fix);
}

/**
 * The socket of the engine that Terraform's docker provider uses: of DOCKER_CONTEXT, else of DOCKER_HOST, else the default one. The
 * current context of the docker CLI is nothing to it.
 * @throws UserError as {@link locateEngine} does
 */
export function providersSocket(env: NodeJS.ProcessEnv = process.env): string {
  const { DOCKER_CONTEXT, DOCKER_HOST, ...others } = env;
  if (DOCKER_CONTEXT) return locateEngine({ ...others, DOCKER_CONTEXT }).socket;
  return DOCKER_HOST ? locateEngine({ DOCKER_HOST }).socket : defaultSocket;
}

function location(host: string, namedBy: string, fix: string): EngineLocation {
  const socket = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  if (socket) {
    requireOwn(socket, namedBy, fix);
    return { socket, namedBy, isDefault: socket === defaultSocket };
  }
  const isLocal = /^tcp:\/\//.test(host) && isLoopbackUrl(host.replace(/^tcp:/, "http:"));
  const [known] = socketsHere();
  throw new UserError({
    problem: isLocal
      ? `${namedBy} names a Docker Engine by TCP: everybody who reaches that port is root on this host.`
      : `${namedBy} names a Docker Engine that is not on this host.`,
    got: withoutPassword(host),
    expected: "unix:///path/to/docker.sock: Vault's port is published on 127.0.0.1 of the engine's host",
    fix: isLocal
      ? `Use its Unix socket: export DOCKER_HOST=${quote(`unix://${known ?? defaultSocket}`)}`
      : `Run this on that host, or ${fix}`,
  });
}

function requireOwn(socket: string, namedBy: string, fix: string): void {
  const other = otherOwner(socket);
  if (!other) return;
  const owned = `belongs to uid ${other.uid}`;
  throw new UserError({
    problem: `${namedBy} names a Docker Engine of another user, who would get root's secrets.`,
    got:
      other.place === socket
        ? `${socket}, which ${owned}`
        : `${socket}, on whose way ${other.place} ${owned}`,
    expected: "a socket that belongs to root, as each folder and link on the way to it",
    fix: `Run this as that user, or ${fix}`,
  });
}

/**
 * What another user than root owns of a socket and of the way to it, if root runs this: that user can put another socket there
 * after this look. Only owners are judged, since the socket's group usually is the group docker.
 */
function otherOwner(socket: string): { readonly place: string; readonly uid: number } | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const seen = new Set<string>();
  // A missing socket has no way: the folders above it do.
  for (let path = socket; ; path = dirname(path)) {
    for (const [place, { uid }] of onTheWay(path, seen)) if (uid !== 0) return { place, uid };
    if (path === dirname(path)) return undefined;
  }
}

/**
 * The sockets of engines on this host, by where they usually are: the system's, and the user's own (rootless, Desktop). For root,
 * none of another user's.
 */
export function socketsHere(
  env: NodeJS.ProcessEnv = process.env,
  systems: readonly string[] = [defaultSocket],
): string[] {
  const home = env.HOME || homedir();
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.()}`;
  return [
    ...systems,
    join(runtime, "docker.sock"),
    join(home, ".docker/run/docker.sock"),
    join(home, ".docker/desktop/docker.sock"),
  ].filter((path) => attempt(() => statSync(path).isSocket()) === true && otherOwner(path) === undefined);
}

/** Hides the password, as in `ssh://user:password@host`. */
function withoutPassword(host: string): string {
  return host.replace(/\/\/([^/@:]*):[^/@]*@/, "//$1:…@");
}

function readJson(path: string): unknown {
  return attempt(() => JSON.parse(readFileSync(path, "utf8")));
}
