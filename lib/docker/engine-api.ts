import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { z } from "zod";
import { attempt } from "../core/attempt";
import { boundedLines, boundedText, longest } from "../core/bounded";
import { ifError, SystemError, UserError } from "../core/errors";
import { exchange, type HttpOptions, HttpTimeout, open, upgrade } from "../core/network/http";
import { poll } from "../core/poll";
import * as schemas from "./schemas";

/** An error that the engine answers, with the engine's message. */
export class EngineError extends SystemError {
  override readonly fix: string;

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "EngineError";
    this.fix =
      fixOfRefusal(message) ??
      "The Docker Engine refused it: see its log (journalctl -u docker), and its disk (docker system df). Then run this again.";
  }
}

/** What the engine, or what it calls, says in a refusal, and the fix for it. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [
    /no chain\/target\/match by that name|chain '?docker\S* does not exist/i,
    "Something reloaded the host's firewall (ufw, firewalld, a script), which removed the engine's rules. Have the engine write them again: sudo systemctl restart docker",
  ],
  [
    /no space left on device|disk quota exceeded/i,
    "A disk is full: see df -h, of the engine's data too (docker system df). Make room.",
  ],
  [
    /non-overlapping ipv4 address pool|predefined address pools|available predefined network/i,
    "The engine has no range of addresses left for a network: each Docker network takes one, and the routes of a VPN can take all. Remove networks that nothing uses (docker network ls), disconnect the VPN, or give the engine other ranges by default-address-pools in /etc/docker/daemon.json and restart it: sudo systemctl restart docker",
  ],
  [
    /pair interfaces: operation not (supported|permitted)/i,
    "The kernel cannot make a container's network interface. After an update of the kernel, the modules of the running one are gone: reboot this host.",
  ],
  [
    /"apparmor_parser": executable file not found|\/apparmor_parser: no such file/i,
    "AppArmor is on in the kernel, and its program is missing: sudo apt-get install apparmor\nThen restart the engine: sudo systemctl restart docker",
  ],
  [
    /ip_unprivileged_port_start.{0,60}permission denied|load a profile while confined/i,
    "This host is itself a container (LXC, as Proxmox has them), whose AppArmor profile forbids what the engine needs: update LXC on the machine that runs it, to 6.0.6 or newer, or use a virtual machine.",
  ],
];

/** How to fix what the engine refuses in these words, its own or a provider's that repeats them; undefined if they are not known. */
export function fixOfRefusal(words: string): string | undefined {
  const [, fix] = refusals.find(([said]) => said.test(words)) ?? [];
  return fix && `${fix}\nThen run this again.`;
}

/** The engine did not answer in time. */
class EngineSilent extends SystemError {
  override readonly fix =
    "See if the host is overloaded (uptime, df -h), and the engine's log (journalctl -u docker). Then run this again: it resumes from here.";
}

interface EngineRequest {
  /** Sent as JSON; a stream is sent unchanged. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The timeout in milliseconds: for a JSON answer, or until another answer begins. @default 30 s */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The maximum length of the progress messages of one pull or import, in bytes: there is a line for each part of each layer. */
const longestTelling = 64 * 1024 * 1024;

/** In milliseconds. */
const usualTimeout = 30_000;
/** The timeout of what shows whether an engine is there, in milliseconds. */
const shortTimeout = 10_000;
/** How long a container may take to end before it is killed, in seconds. */
const grace = 30;

/** The Docker Engine API over its Unix socket. Each method throws {@link EngineError}, {@link EngineSilent} or the socket's own error. */
export class EngineApi {
  constructor(readonly socket: string) {}

  async info(): Promise<schemas.EngineInfo> {
    return shaped(schemas.info, await this.call("GET", "/info", { timeout: shortTimeout }));
  }

  /** @throws UserError if it is Podman that answers. @throws Error if the answer is not an engine's */
  async ping(): Promise<object> {
    const response = await this.stream("GET", "/_ping", { timeout: shortTimeout });
    response.resume();
    if (response.headers["libpod-api-version"]) throw podmans(this.socket);
    if (response.headers["api-version"]) return {};
    throw new Error("an answer that is not a Docker Engine's");
  }

  /** Undefined if there is no such container. @param name its name or id */
  inspectContainer(name: string): Promise<schemas.EngineContainer | undefined> {
    return this.find(`${containerPath(name)}/json`, schemas.container);
  }

  /** Undefined if there is no such image. @param reference as `docker pull` takes it, or its id */
  inspectImage(reference: string): Promise<schemas.EngineImage | undefined> {
    return this.find(`/images/${encodeURI(reference)}/json`, schemas.image);
  }

  /** Undefined if there is no such volume. */
  inspectVolume(name: string): Promise<schemas.EngineVolume | undefined> {
    return this.find(`/volumes/${encodeURIComponent(name)}`, schemas.volume);
  }

  /** Undefined if there is no such network. */
  inspectNetwork(name: string): Promise<schemas.EngineNetwork | undefined> {
    return this.find(`/networks/${encodeURIComponent(name)}`, schemas.network);
  }

  /** The running containers. @param query such as `all=1`, for those that are stopped as well */
  async containers(query = ""): Promise<z.output<typeof schemas.containers>> {
    return shaped(schemas.containers, await this.call("GET", `/containers/json?${query}`));
  }

  /** Does nothing if it already runs. */
  async startContainer(name: string): Promise<void> {
    await this.call("POST", `${containerPath(name)}/start`);
  }

  /** Lets a paused container continue. */
  async unpauseContainer(name: string): Promise<void> {
    await this.call("POST", `${containerPath(name)}/unpause`);
  }

  /** Does nothing if it is already stopped. */
  async stopContainer(name: string): Promise<void> {
    await this.call("POST", `${containerPath(name)}/stop?t=${grace}`, {
      timeout: grace * 1000 + usualTimeout,
    });
  }

  /** The JSON of an answer; undefined if it is empty. */
  async call(method: string, path: string, options: EngineRequest = {}): Promise<unknown> {
    const request = { ...this.request(method, options), longest: longest.list };
    const { status, text } = await exchange(urlOf(path), request).catch(
      ifError(HttpTimeout, ({ message }): never => {
        throw new EngineSilent(`The Docker Engine did not answer ${method} ${path}: ${message}`);
      }),
    );
    if (status >= 400) throw refused(status, text);
    return text ? parsed(text, status) : undefined;
  }

  /** The messages of a long answer, one after the other. @throws EngineError if one of them is an error */
  async *messages(
    method: string,
    path: string,
    options: EngineRequest = {},
  ): AsyncGenerator<schemas.EngineMessage> {
    const response = await this.stream(method, path, options);
    for await (const line of boundedLines(response, longestTelling)) {
      if (!line.trim()) continue;
      const message = shaped(schemas.message, parsed(line, response.statusCode));
      if (message.error) throw new EngineError(response.statusCode ?? 0, message.error);
      yield message;
    }
  }

  /** A binary answer, as a stream. */
  async stream(method: string, path: string, options: EngineRequest = {}): Promise<IncomingMessage> {
    const response = await open(urlOf(path), this.request(method, options));
    const { statusCode: status = 0 } = response;
    if (status >= 400) throw refused(status, await boundedText(response, longest.answer));
    return response;
  }

  /** A connection to a program in a container. */
  attach(path: string, options: EngineRequest): Promise<Socket> {
    const headers = { Connection: "Upgrade", Upgrade: "tcp" };
    return upgrade(urlOf(path), this.request("POST", { ...options, headers }));
  }

  private async find<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T> | undefined> {
    return shaped(schema.optional(), await orUndefined(this.call("GET", path)));
  }

  private request(
    method: string,
    { body, headers, timeout = usualTimeout, signal }: EngineRequest,
  ): HttpOptions {
    const isJson = body !== undefined && !(body instanceof Readable);
    return {
      method,
      socketPath: this.socket,
      headers: { ...(isJson ? { "Content-Type": "application/json" } : {}), ...headers },
      body: isJson ? JSON.stringify(body) : (body as Readable | undefined),
      timeout,
      signal,
    };
  }
}

/** The time for a removal in milliseconds: a busy disk takes long to remove a container's files. */
const removalTimeout = 60_000;

/** Removes something. Does nothing if it is gone already. */
export async function removeIfThere(engine: EngineApi, path: string): Promise<void> {
  await orUndefined(engine.call("DELETE", path, { timeout: removalTimeout }));
}

/**
 * Removes a container, if it exists, with its anonymous volumes: Vault's image declares two. A removal that a killed run began is
 * waited for: the engine refuses a second one meanwhile.
 */
export async function removeContainer(engine: EngineApi, id: string): Promise<void> {
  let refusal: EngineError | undefined;
  const remove = () =>
    removeIfThere(engine, `${containerPath(id)}?force=true&v=true`).then(
      () => true,
      ifError(EngineError, (error) => {
        if (error.status !== 409 || !/in progress/.test(error.message)) throw error;
        refusal = error;
        return undefined;
      }),
    );
  if (!(await poll(remove, { every: 200, timeout: removalTimeout }))) throw refusal;
}

/** The path of a container in the API. @param name its name or id */
export function containerPath(name: string): string {
  return `/containers/${encodeURIComponent(name)}`;
}

/** Handles the engine's refusals of a call that have some status, and throws others again. */
export function ifStatus<T>(statuses: readonly number[], instead: () => T): (error: unknown) => T {
  return ifError(EngineError, instead, ({ status }) => statuses.includes(status));
}

/** The result of a call; undefined if what it names does not exist. */
export function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch(ifStatus([404], () => undefined));
}

/** The engine's name in a URL is not resolved: its socket is known. */
function urlOf(path: string): string {
  return `http://docker${path}`;
}

/** Podman serves the same API, with other networks, volumes and restarts than what a deploy verifies. */
function podmans(socket: string): UserError {
  return new UserError({
    problem: "Podman answers at this socket, and this program deploys to a Docker Engine.",
    got: `Podman's API at ${socket}`,
    expected: "a Docker Engine, rootless or not",
    fix: "Install Docker Engine beside Podman (without the package podman-docker), and name its socket:\nexport DOCKER_HOST=unix:///var/run/docker.sock",
  });
}

function refused(status: number, text: string): EngineError {
  return new EngineError(status, errorMessage(text) || `status ${status}`);
}

function parsed(text: string, status = 0): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EngineError(status, "The Docker Engine's answer is not JSON.");
  }
}

/** Validates an answer. @throws EngineError if it does not match the schema */
export function shaped<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new EngineError(200, "The Docker Engine's answer has an unknown format.");
}

function errorMessage(text: string): string {
  const answer = attempt(() => JSON.parse(text) as { message?: unknown } | null);
  return answer === undefined ? text.trim() : String(answer?.message ?? "");
}
