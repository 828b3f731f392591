import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { boundedLines, boundedText, endInTime, longest } from "../core/bounded";
import { SystemError } from "../core/errors";

/** An error that the engine answers, with the engine's message. */
export class EngineError extends SystemError {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "EngineError";
  }
}

const infoSchema = z.object({
  ID: z.string(),
  ServerVersion: z.string(),
  Architecture: z.string(),
  DockerRootDir: z.string().default(""),
  Warnings: z.array(z.string()).nullish(),
});

const containerSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  Created: z.string(),
  RestartCount: z.int(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    ExitCode: z.number(),
    StartedAt: z.string(),
  }),
  Config: z.object({
    Labels: z.record(z.string(), z.string()).nullish(),
    Env: z.array(z.string()).nullish(),
    Cmd: z.array(z.string()).nullish(),
  }),
  HostConfig: z.object({
    /** By port and protocol in the container, such as `8200/tcp`. A stopped container has them as well. */
    PortBindings: z
      .record(z.string(), z.array(z.object({ HostPort: z.string() })).nullish())
      .nullish()
      .transform((value) => value ?? {}),
    /** The network by name, or the engine's own `default`. */
    NetworkMode: z.string().default(""),
  }),
  NetworkSettings: z
    .object({
      Networks: z
        .record(z.string(), z.object({ NetworkID: z.string().default("") }))
        .nullish()
        .transform((value) => value ?? {}),
    })
    .default({ Networks: {} }),
});

const imageSchema = z.object({
  Id: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

const volumeSchema = z.object({
  Name: z.string(),
  CreatedAt: z.string().optional(),
  Mountpoint: z.string().optional(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

const messageSchema = z.object({
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
});

/** An engine's identity: `GET /info`. */
export interface EngineInfo {
  /** The engine's id: its own random id, and its data folder, since older engines on one host share the random id. */
  readonly id: string;
  readonly version: string;
  /** As the kernel names it: `x86_64`, `aarch64`. */
  readonly architecture: string;
  /** The folder in which it keeps images and volumes. */
  readonly dataFolder: string;
  /** The network addresses at which everybody who reaches them can use the API. */
  readonly openApis: readonly OpenApi[];
}

export interface OpenApi {
  readonly address: string;
  /** What would keep others out. */
  readonly lacks: string;
}

export type EngineContainer = z.output<typeof containerSchema>;
export type EngineImage = z.output<typeof imageSchema>;
export type EngineVolume = z.output<typeof volumeSchema>;

export interface EngineRequest {
  /** Sent as JSON; a stream is sent unchanged. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The timeout in milliseconds until the answer begins, and then until a JSON answer ends. @default 30 s */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** One progress message of a pull or an import. */
export type EngineMessage = z.output<typeof messageSchema>;

/** The maximum length of the progress messages of one pull or import, in bytes: there is a line for each part of each layer. */
const longestTelling = 64 * 1024 * 1024;

/** In milliseconds. */
const usualTimeout = 30_000;
/** One hour, in milliseconds: no image and no volume takes longer. */
const longestBytes = 3_600_000;

/** The engine itself warns of each address at which its API is open. */
export function openApisOf(warnings: readonly string[]): OpenApi[] {
  return warnings.flatMap((warning) => {
    const [, address, lacks] = /API is accessible on (\S+) without ([^.\n]+)/.exec(warning) ?? [];
    return address && lacks ? [{ address, lacks }] : [];
  });
}

/** The Docker Engine API over its Unix socket. Each method throws {@link EngineError} or the socket's own error. */
export class EngineApi {
  constructor(readonly socket: string) {}

  async info(timeout = 10_000): Promise<EngineInfo> {
    const info = shaped(infoSchema, await this.call("GET", "/info", { timeout }));
    return {
      id: `${info.ID} ${info.DockerRootDir}`,
      version: info.ServerVersion,
      architecture: info.Architecture,
      dataFolder: info.DockerRootDir,
      openApis: openApisOf(info.Warnings ?? []),
    };
  }

  /** @throws Error if the answer is not an engine's */
  async ping(timeout = 10_000): Promise<object> {
    const response = await this.open("GET", "/_ping", { timeout });
    response.resume();
    if (response.headers["api-version"]) return {};
    throw new Error("an answer that is not a Docker Engine's");
  }

  /** Undefined if there is no such container. */
  async inspectContainer(name: string): Promise<EngineContainer | undefined> {
    return shaped(
      containerSchema.optional(),
      await this.find(`/containers/${encodeURIComponent(name)}/json`),
    );
  }

  /** Does nothing if it already runs. */
  async startContainer(name: string): Promise<void> {
    await this.call("POST", `/containers/${encodeURIComponent(name)}/start`);
  }

  /** Does nothing if it is already stopped. @param graceSeconds seconds until it is killed */
  async stopContainer(name: string, graceSeconds = 30): Promise<void> {
    const path = `/containers/${encodeURIComponent(name)}/stop?t=${graceSeconds}`;
    await this.call("POST", path, { timeout: (graceSeconds + 30) * 1000 });
  }

  /** Undefined if there is no such image. @param reference as `docker pull` takes it */
  async inspectImage(reference: string): Promise<EngineImage | undefined> {
    return shaped(imageSchema.optional(), await this.find(`/images/${encodeURI(reference)}/json`));
  }

  /** Undefined if there is no such volume. */
  async inspectVolume(name: string): Promise<EngineVolume | undefined> {
    return shaped(volumeSchema.optional(), await this.find(`/volumes/${encodeURIComponent(name)}`));
  }

  /** The JSON of an answer; undefined if it is empty. */
  async call(method: string, path: string, options: EngineRequest = {}): Promise<unknown> {
    const response = await this.open(method, path, options);
    const timeout = options.timeout ?? usualTimeout;
    endInTime(response, timeout, new EngineTimeout(timeout));
    const text = await boundedText(response, longest.list);
    return text ? parsed(text, response) : undefined;
  }

  /** The messages of a long answer, one after the other. @throws EngineError if one of them is an error */
  async *messages(method: string, path: string, options: EngineRequest = {}): AsyncGenerator<EngineMessage> {
    const response = await this.open(method, path, options);
    for await (const line of boundedLines(response, longestTelling)) {
      if (!line.trim()) continue;
      const message = shaped(messageSchema, parsed(line, response));
      if (message.error) throw new EngineError(response.statusCode ?? 0, message.error);
      yield message;
    }
  }

  /** A binary answer, as a stream. */
  stream(method: string, path: string): Promise<Readable> {
    return this.open(method, path, {});
  }

  private async find(path: string): Promise<unknown> {
    try {
      return await this.call("GET", path);
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined;
      throw error;
    }
  }

  private async open(method: string, path: string, options: EngineRequest): Promise<IncomingMessage> {
    const stream = options.body instanceof Readable ? options.body : undefined;
    const json = stream || options.body === undefined ? undefined : JSON.stringify(options.body);
    const call = request({
      socketPath: this.socket,
      method,
      path,
      headers: {
        Host: "docker",
        ...(json ? { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(json) } : {}),
        ...options.headers,
      },
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const answer = answered(call, options.timeout ?? usualTimeout);
    if (stream) {
      // If the engine refuses before it has read everything, its answer says why, not the broken pipe.
      pipeline(stream, call).catch((error) => call.destroy(error));
    } else {
      call.end(json);
    }
    const response = await answer;
    const status = response.statusCode ?? 0;
    endInTime(response, longestBytes, new EngineTimeout(longestBytes));
    if (status < 400) return response;
    endInTime(response, usualTimeout, new EngineTimeout(usualTimeout));
    throw new EngineError(
      status,
      errorMessage(await boundedText(response, longest.answer)) || `status ${status}`,
    );
  }
}

function answered(call: ClientRequest, timeout: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => call.destroy(new EngineTimeout(timeout)), timeout);
    call.on("response", (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    call.on("error", reject);
    call.on("close", () => {
      clearTimeout(timer);
      // An answer that changes the protocol raises no other event.
      reject(new EngineError(0, "The Docker Engine closed the connection without an answer."));
    });
  });
}

/** The engine did not answer in time. */
export class EngineTimeout extends SystemError {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds / 1000} s`);
    this.name = "EngineTimeout";
  }
}

function parsed(text: string, { statusCode = 0 }: IncomingMessage): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EngineError(statusCode, "The Docker Engine's answer is not JSON.");
  }
}

/** Validates an answer. @throws EngineError if it does not match the schema */
export function shaped<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new EngineError(200, "The Docker Engine's answer has an unknown format.");
}

function errorMessage(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? "");
  } catch {
    return text.trim();
  }
}
