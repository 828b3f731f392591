import type { Socket } from "node:net";
import { type Readable, Transform } from "node:stream";
import { z } from "zod";
import { boundedBytes, endInTime, longest } from "../core/bounded";
import { defined } from "../core/defined";
import { HttpTimeout } from "../core/network/http";
import { containerPath, type EngineApi, shaped } from "./engine-api";
import { created } from "./schemas";

const ended = z.object({ ExitCode: z.int().nullable() });

/** The result of a command in a container. */
export interface ExecResult {
  /** -1 if the engine does not know it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The timeout of the command, in milliseconds. */
const timeout = 15_000;

/** How a command runs in a container. */
interface ExecOptions {
  /** By name, or `uid:gid`. @default the container's own */
  readonly user?: string;
  /** Variables besides the container's own, as `NAME=value`. @default none */
  readonly environment?: readonly string[];
  /** The working folder. @default the container's own */
  readonly folder?: string;
  /** The text for its standard input. @default none */
  readonly input?: string;
}

/**
 * Runs a command in a running container, as `docker exec` does, and waits for its end.
 * @throws EngineError if the container does not run
 * @throws HttpTimeout if the command does not end in time
 */
export async function execute(
  engine: EngineApi,
  container: string,
  command: readonly string[],
  { user, environment, folder, input }: ExecOptions = {},
): Promise<ExecResult> {
  const path = await createExec(engine, container, {
    Cmd: command,
    ...defined({ User: user, Env: environment, WorkingDir: folder, AttachStdin: input && true }),
  });
  const answer = await startExec(engine, path, input);
  endInTime(answer, timeout, new HttpTimeout(timeout));
  const outputs = demultiplex(await boundedBytes(answer, longest.answer));
  const { ExitCode } = shaped(ended, await engine.call("GET", `${path}/json`));
  return { exitCode: ExitCode ?? -1, ...outputs };
}

/** The answer ends with the command, and is binary instead of JSON. */
async function startExec(engine: EngineApi, path: string, input: string | undefined): Promise<Readable> {
  const options = { body: foreground, timeout };
  if (input === undefined) return engine.stream("POST", `${path}/start`, options);
  const socket = await engine.attach(`${path}/start`, options);
  return socket.end(input);
}

/** Starts a command in a running container. @returns a socket: its input, and frames of both its outputs */
export async function attach(
  engine: EngineApi,
  container: string,
  command: readonly string[],
): Promise<Socket> {
  const path = await createExec(engine, container, { AttachStdin: true, Cmd: command });
  return engine.attach(`${path}/start`, { body: foreground });
}

const foreground = { Detach: false, Tty: false };

async function createExec(engine: EngineApi, container: string, command: object): Promise<string> {
  const body = { AttachStdout: true, AttachStderr: true, ...command };
  const { Id } = shaped(created, await engine.call("POST", `${containerPath(container)}/exec`, { body }));
  return `/exec/${Id}`;
}

/** Splits frames into both outputs. */
export function demultiplex(bytes: Buffer): Pick<ExecResult, "stdout" | "stderr"> {
  const { frames } = framesOf(bytes);
  const text = (output: number) =>
    Buffer.concat(frames.filter((frame) => frame.output === output).map(({ content }) => content)).toString();
  return { stdout: text(1), stderr: text(2) };
}

/** Splits the frames of a stream, and passes on standard output. */
export function standardOutput(): Transform {
  let rest = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const split = framesOf(Buffer.concat([rest, chunk]));
      for (const { output, content } of split.frames) if (output === 1) this.push(content);
      rest = Buffer.from(split.rest);
      done();
    },
  });
}

/** Splits off whole frames: of a header of eight bytes, the first is the output and the last four are the length. */
function framesOf(bytes: Buffer) {
  const frames: { output: number; content: Buffer }[] = [];
  let rest = bytes;
  while (rest.length >= 8) {
    const end = 8 + rest.readUInt32BE(4);
    if (rest.length < end) break;
    frames.push({ output: rest.readUInt8(0), content: rest.subarray(8, end) });
    rest = rest.subarray(end);
  }
  return { frames, rest };
}

/** The last lines of a container's log, of both outputs. @param lines the maximum number of lines */
export async function endOfLog(engine: EngineApi, container: string, lines: number): Promise<string[]> {
  const path = `${containerPath(container)}/logs?stdout=1&stderr=1&tail=${lines}`;
  return logLines(await boundedBytes(await engine.stream("GET", path), longest.answer));
}

/** The lines of a log in their order, without control characters. Only a container with a terminal has no frames. */
export function logLines(bytes: Buffer): string[] {
  const { frames } = framesOf(bytes);
  const said = frames.length > 0 ? Buffer.concat(frames.map(({ content }) => content)) : bytes;
  return said
    .toString()
    .split("\n")
    .map((line) => line.replace(/[^\x20-\x7e]+/g, " ").trim())
    .filter((line) => line !== "");
}
