import { Readable } from "node:stream";
import type { EngineApi } from "../../lib/docker/engine-api";
import { runOnVolumes } from "../../lib/docker/ephemeral";

test("a shell on volumes logs where the engine can read it back, whatever its default is, and is removed", async () => {
  const calls: string[] = [];
  const bodies: { HostConfig: object }[] = [];
  const engine = {
    call: async (method: string, path: string, { body }: { body?: { HostConfig: object } } = {}) => {
      calls.push(`${method} ${path.split("?")[0]}`);
      if (body) bodies.push(body);
      return { Id: "made", StatusCode: 1 };
    },
    startContainer: async () => {},
    stream: async () => Readable.from([Buffer.from("no space left\n")]),
  } as unknown as EngineApi;
  const mounts = [{ volume: "vault-data", target: "/vault/file" }];
  await expect(runOnVolumes(engine, { image: "i", user: "100:1000", mounts, line: "cp" })).rejects.toThrow(
    "a shell on vault-data ended with 1: no space left",
  );
  expect(bodies).toEqual([
    expect.objectContaining({
      HostConfig: expect.objectContaining({
        NetworkMode: "none",
        LogConfig: { Type: "json-file", Config: expect.anything() },
      }),
    }),
  ]);
  expect(calls).toEqual(["POST /containers/create", "POST /containers/made/wait", "DELETE /containers/made"]);
});
