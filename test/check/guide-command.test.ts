import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { runChecks } from "../../lib/check";
import { EngineApi } from "../../lib/docker/engine-api";
import { demultiplex } from "../../lib/docker/engine-exec";
import { instanceLabel } from "../../lib/model/instance-label";
import { readInstance } from "../../lib/store/home";
import { type Bed, key, makeBed, parametersOf } from "./support";

/** What the engine has, as far as the check asks it. */
let engine: { label: string | undefined; exitCode: number; stdout: string; stderr: string };
let commands: unknown[] = [];
let server: Server;
let bed: Bed;

beforeAll(async () => {
  bed = await makeBed();
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const json = (status: number, value: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    const path = request.url ?? "";
    if (path === "/containers/vault-trial/json") {
      if (engine.label === undefined) return json(404, { message: "No such container" });
      const State = { Status: "running", Running: true, ExitCode: 0, StartedAt: "" };
      const Config = { Labels: { [instanceLabel]: engine.label } };
      const RestartCount = 0;
      return json(200, {
        Id: "c1",
        Name: "/vault-trial",
        Image: "i",
        Created: "",
        RestartCount,
        State,
        Config,
        HostConfig: {},
      });
    }
    if (path === "/containers/c1/exec") {
      commands.push(JSON.parse(body).Cmd);
      return json(201, { Id: "e1" });
    }
    if (path === "/exec/e1/start")
      return response.end(Buffer.concat([frame(1, engine.stdout), frame(2, engine.stderr)]));
    if (path === "/exec/e1/json") return json(200, { ExitCode: engine.exitCode });
    return json(500, { message: path });
  });
  await new Promise<void>((resolve) => server.listen(join(bed.folder, "engine.sock"), resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await bed.close();
});
beforeEach(async () => {
  await bed.reset();
  commands = [];
  engine = { label: readInstance(bed.deployment.home.root)?.id, exitCode: 0, stdout: `${key}\n`, stderr: "" };
});

function frame(stream: 1 | 2, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

async function run() {
  const report = await runChecks({
    parameters: parametersOf(bed),
    engine: new EngineApi(join(bed.folder, "engine.sock")),
    unseal: false,
    spend: false,
    only: ["docker.exec"],
    progress: () => {},
  });
  expect(JSON.stringify(report)).not.toContain(key.slice(9));
  return report.results.find(({ id }) => id === "docker.exec");
}

test("runs the setup guide's command, and passes where it gives the key", async () => {
  expect(await run()).toMatchObject({ status: "pass" });
  expect(commands).toEqual([["vault", "kv", "get", "-field=api_key", "secret/openrouter"]]);
});

test.each<[string, object, RegExp]>([
  ["gives another key", { stdout: "sk-or-v1-other0123456789abcdef" }, /something other than the stored key/],
  ["gives the key with a blank", { stdout: `${key} ` }, /something other/],
  [
    "ends with an error",
    { exitCode: 2, stdout: "", stderr: `403 permission denied for ${key}\nmore` },
    /ends with 2: 403 permission denied/,
  ],
  ["has no container", { label: undefined }, /There is no container vault-trial/],
  ["has another's container", { label: "another" }, /not this instance's/],
])("fails where it %s", async (_, change, summary) => {
  Object.assign(engine, change);
  expect(await run()).toMatchObject({ status: "fail", summary: expect.stringMatching(summary) });
  if ("label" in change) expect(commands).toEqual([]);
});

test("the two outputs of a command come in one stream of frames, which may be cut anywhere", () => {
  const frames = Buffer.concat([frame(1, "ä"), frame(2, "oops"), frame(1, "b"), frame(1, "")]);
  expect(demultiplex(frames)).toEqual({ stdout: "äb", stderr: "oops" });
  for (let end = 0; end < frames.length; end++)
    expect(() => demultiplex(frames.subarray(0, end))).not.toThrow();
});
