import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { attempt } from "../../core/attempt";
import { containerPath, type EngineApi } from "../../docker/engine-api";
import { standardOutput } from "../../docker/engine-exec";

const login = z.object({
  type: z.literal("response"),
  time: z.string(),
  auth: z.object({ metadata: z.object({ role_name: z.string() }) }),
});

/** When each role logged in last, by the audit log that the container writes. The engine keeps only its end. */
export async function lastLogins(engine: EngineApi, container: string): Promise<ReadonlyMap<string, string>> {
  const log = await engine.stream("GET", `${containerPath(container)}/logs?stdout=1`);
  // A log that breaks off ends what reads it, too.
  return pipeline(log, standardOutput(), (output) => loginsIn(Readable.from(output)));
}

/** The time of the last successful login of each role, from lines of an audit log in their order. */
export async function loginsIn(log: Readable): Promise<ReadonlyMap<string, string>> {
  const last = new Map<string, string>();
  for await (const line of createInterface({ input: log })) {
    if (!line.includes('"auth/approle/login"')) continue;
    const { data } = login.safeParse(attempt(() => JSON.parse(line)));
    if (data) last.set(data.auth.metadata.role_name, data.time);
  }
  return last;
}
