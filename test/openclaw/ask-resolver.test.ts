import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { writePrivateFile } from "../../lib/core/files/files";
import { HttpTimeout } from "../../lib/core/network/http";
import { EngineApi } from "../../lib/docker/engine-api";
import { homePaths } from "../../lib/model/home-paths";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { askResolver, askWhereGatewayRuns } from "../../lib/openclaw/ask-resolver";
import { install } from "../../lib/openclaw/install";
import { writeCredential } from "../../lib/store/credentials";
import { canary } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { DeployedVault } from "../support/vault/deployed-vault";
import { type Stub, serveStub } from "../support/vault/server";

const place = scratchFolder();
const [home, folder] = [join(place, "home"), join(place, "openclaw")];
const vault = new DeployedVault();
let served: Stub;

beforeAll(async () => {
  served = await serveStub((call) => vault.answer(call));
  vault.secret = { data: { api_key: canary }, version: 1, created: new Date() };
  writePrivateFile(join(homePaths(home).rendered, "config.json"), "{}\n");
  writePrivateFile(join(homePaths(home).rendered, "openrouter.json5"), "{}\n");
  writeCredential(homePaths(home), "reader", { roleId: "role-reader", secretId: "secret-reader" });
});
beforeEach(() => install({ home, folder }));
afterAll(() => served.close());

const ask = () => askResolver({ folder }, { address: `http://127.0.0.1:${served.port}` });

test("gives the key", async () => {
  expect(await ask()).toEqual({ key: canary });
});

test("gives the resolver's own words where there is none", async () => {
  vault.sealed = true;
  expect(await ask()).toEqual({ problem: expect.stringContaining("Vault is sealed") });
  vault.sealed = false;
});

test.each<[string, () => void, RegExp]>([
  ["is gone", () => rmSync(openclawPaths(folder).resolver), /is missing/],
  [
    "answers something else",
    () => writeFileSync(openclawPaths(folder).resolver, "#!/bin/sh\necho hi\n"),
    /does not follow the protocol/,
  ],
  [
    "fails",
    () => writeFileSync(openclawPaths(folder).resolver, "#!/bin/sh\necho broken >&2; exit 3\n"),
    /ended with exit code 3: broken/,
  ],
  [
    "may not be executed, as on a file system that is mounted noexec,",
    () => chmodSync(openclawPaths(folder).resolver, 0o600),
    /exit code 126: .*ermission denied; if its file system is mounted noexec, set `openclaw\.folder`/,
  ],
  [
    "can be written by others, and OpenClaw does not run it",
    () => chmodSync(openclawPaths(folder).resolver, 0o770),
    /others can write to it \(mode 770\)/,
  ],
])("says so where the resolver %s", async (_, change, problem) => {
  change();
  expect(await ask()).toEqual({ problem: expect.stringMatching(problem) });
});

test("of a long error it shows the begin, on one line", async () => {
  const message = `a\n${"b".repeat(1000)}`;
  const errors = { "openrouter/api_key": { code: "X", message } };
  const answer = JSON.stringify({ protocolVersion: 1, values: {}, errors });
  writeFileSync(openclawPaths(folder).resolver, `#!/bin/sh\ncat <<'E'\n${answer}\nE\n`);
  expect(await ask()).toEqual({ problem: `a ${"b".repeat(298)}` });
});

describe("in the gateway's container", () => {
  const engine = new EngineApi(join(place, "engine.sock"));
  /** The call that the engine refuses, with 400. */
  let refused = "";
  const server = createServer((request, response) => {
    const json = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    request.resume();
    if (request.url === refused) return json(400, { message: "no such file" });
    if (request.method === "POST") return json(201, { Id: "e1" });
    const State = { Status: "running", ExitCode: 0, StartedAt: "" };
    return json(200, {
      ...{ Id: "c1", Name: "/claw", Image: "i", Created: "" },
      State,
      Config: {},
      HostConfig: {},
    });
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(engine.socket, resolve)));
  afterAll(() => server.close());

  const ask = () => {
    const gateway = {
      ...{ container: "claw", folder: "/home/node/.openclaw", node: "/usr/local/bin/node" },
      ...{ address: "https://vault:8200", socketVolume: "vault-socket" },
    };
    return askWhereGatewayRuns({ folder, gateway }, { address: "https://127.0.0.1:8200" }, engine);
  };

  test.each([
    ["/containers/claw/exec", "no such file"],
    ["/exec/e1/start", "no connection: status 400"],
  ])("a resolver that the engine does not run is a problem of the resolver: %s", async (call, message) => {
    refused = call;
    expect(await ask()).toEqual({ problem: `asking it in the container claw failed: ${message}` });
  });

  test("so is one that others can write to, which OpenClaw there does not run either", async () => {
    refused = "";
    chmodSync(openclawPaths(folder).resolver, 0o720);
    expect(await ask()).toEqual({ problem: expect.stringContaining("others can write to it (mode 720)") });
  });

  test("so is one that does not end, but not an engine that is gone", async () => {
    const attach = jest.spyOn(engine, "attach").mockRejectedValue(new HttpTimeout(15_000));
    refused = "";
    expect(await ask()).toEqual({ problem: expect.stringContaining("no answer within 15 s") });
    attach.mockRejectedValue(new Error("connect ECONNREFUSED"));
    await expect(ask()).rejects.toThrow("ECONNREFUSED");
    attach.mockRestore();
  });
});
