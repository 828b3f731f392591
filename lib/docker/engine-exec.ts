import { request } from "node:http";
import { z } from "zod";
import { boundedBytes, longest as longestOf } from "../core/bounded";
import { type EngineApi, EngineError, EngineTimeout, shaped } from "./engine-api";

const created = z.object({ Id: z.string() });
const ended = z.object({ ExitCode: z.int().nullable() });

/** The result of a command in a container. */
export interface ExecResult {
  /** -1 if the engine does not know it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The timeout of the command, in milliseconds. */
const longest = 15_000;

/**
 * Runs a command in a running container, as `docker exec` does, and waits for its end.
 * @throws EngineError if the container does not run
 * @throws EngineTimeout if the command does not end in time
 */
export async function execute(
  engine: EngineApi,
  container: string,
  command: readonly string[],
): Promise<ExecResult> {
  const { Id } = shaped(
    created,
    await engine.call("POST", `/containers/${encodeURIComponent(container)}/exec`, {
      body: { AttachStdout: true, AttachStderr: true, Cmd: command },
    }),
  );
  const outputs = demultiplex(await start(engine.socket, Id));
  const { ExitCode } = shaped(ended, await engine.call("GET", `/exec/${Id}/json`));
  return { exitCode: ExitCode ?? -1, ...outputs };
}

/** Starts a created command. Its answer ends with the command, and is binary instead of JSON. */
function start(socketPath: string, id: string): Promise<Buffer> {
  const body = JSON.stringify({ Detach: false, Tty: false });
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const call = request(
      {
        socketPath,
        method: "POST",
        path: `/exec/${id}/start`,
        headers: {
          Host: "docker",
          "Content-Type": "application/json",
          "Content-Length": Buffer.byteLength(body),
        },
      },
      (response) => {
        isAnswered = true;
        const status = response.statusCode ?? 0;
        boundedBytes(response, longestOf.answer).then((answer) => {
          if (status < 400) resolve(answer);
          else reject(new EngineError(status, answer.toString("utf8").trim()));
        }, reject);
      },
    );
    const timer = setTimeout(() => call.destroy(new EngineTimeout(longest)), longest);
    call.on("error", reject).on("close", () => {
      clearTimeout(timer);
      // An answer that changes the protocol raises no other event.
      if (!isAnswered)
        reject(new EngineError(0, "The Docker Engine closed the connection without an answer."));
    });
    call.end(body);
  });
}

/**
 * Splits a stream of frames into both outputs. Of a frame's header of eight bytes, the first is the output and the last four
 * are the length.
 */
export function demultiplex(frames: Buffer): Pick<ExecResult, "stdout" | "stderr"> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  for (let offset = 0; offset + 8 <= frames.length; ) {
    const end = offset + 8 + frames.readUInt32BE(offset + 4);
    (frames[offset] === 2 ? stderr : stdout).push(frames.subarray(offset + 8, end));
    offset = end;
  }
  return { stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") };
}
