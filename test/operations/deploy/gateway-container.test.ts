import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { settingsSchema } from "../../../lib/config/settings";
import { runsGateway } from "../../../lib/host/gateway-processes";
import { deployment } from "../../../lib/model/deployment";
import { accountInItsHome } from "../../../lib/openclaw/gateway/instances";
import { chooseGatewayContainer } from "../../../lib/operations/deploy/gateway-container";
import { gatewayContainerRecord } from "../../../lib/store/records/gateway-container-record";
import { failure } from "../../host/support";
import { scratchFolder } from "../../support/folder";

// The containers of these tests have no processes of their own.
jest.mock("../../../lib/host/gateway-processes", () => ({
  ...jest.requireActual("../../../lib/host/gateway-processes"),
  runsGateway: jest.fn(() => false),
}));

const root = scratchFolder();
const folder = join(root, "openclaw");
const recorded = {
  ...{ container: "claw", folder: "/home/node/.openclaw", uid: 1000, gid: 1000, node: "/usr/local/bin/node" },
  ...{ image: "sha256:one", user: "node" },
};
let server: Server;
let engine: Record<string, { readonly source: string; readonly status: string }>;
let count = 0;
const before = process.env.DOCKER_HOST;

beforeAll(() => mkdirSync(folder));
beforeEach(async () => {
  engine = {};
  const socket = join(root, `${++count}.sock`);
  server = createServer(({ url = "" }, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    if (url === "/_ping") return response.writeHead(200, { "Api-Version": "1.41" }).end("OK");
    // Nothing runs in it: the last thing that is asked of a container that was found.
    if (url.endsWith("/exec")) return answer(404, { message: "no such program" });
    if (url === "/info") return answer(200, { ID: "one", ServerVersion: "28.1.0", Architecture: "x86_64" });
    const name = /^\/containers\/(\w+)\/json/.exec(url)?.[1];
    const found = name && engine[name];
    if (found) return answer(200, inspected(name, found));
    if (name) return answer(404, { message: "no such container" });
    const running = Object.entries(engine).filter(([, { status }]) => status === "running");
    answer(
      200,
      running.map(([id, { source }]) => ({ Id: id, Names: [`/${id}`], Mounts: [{ Source: source }] })),
    );
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  process.env.DOCKER_HOST = `unix://${socket}`;
});
afterEach(() => {
  server.close();
  process.env.DOCKER_HOST = before ?? "";
});

const inspected = (name: string, { source, status }: { source: string; status: string }) => ({
  ...{ Id: name, Name: `/${name}`, Image: "sha256:one", Created: "", Config: {}, HostConfig: {} },
  // The users of the container are those of this process.
  State: { Status: status, ExitCode: 0, StartedAt: "", Pid: process.pid },
  Mounts: [{ Type: "bind", Source: source, Destination: "/home/node/.openclaw" }],
});

function instance(openclaw: object = {}) {
  const settings = settingsSchema.parse({ openclaw: { folder, ...openclaw } });
  return deployment("default", settings, join(root, `home-${count}`), root);
}
const choose = (described = instance()) => chooseGatewayContainer(described, () => {});

test("no container mounts the folder: the gateway runs on this host", async () => {
  engine = {
    other: { source: "/srv/other", status: "running" },
    stopped: { source: folder, status: "exited" },
  };
  expect(await choose()).toBe(false);
  expect(gatewayContainerRecord.read(instance().home)).toBeUndefined();
});

test("no engine, or one elsewhere, is the deploy's own matter", async () => {
  for (const host of [`unix://${root}/none.sock`, "tcp://engine.example:2376"]) {
    process.env.DOCKER_HOST = host;
    expect(await choose()).toBe(false);
  }
});

test("several mount it: the settings must name one", async () => {
  engine = { one: { source: folder, status: "running" }, two: { source: folder, status: "running" } };
  const message = await failure(() => choose());
  expect(message).toContain("one, two");
  expect(message).toContain('"openclaw": { "container": "one" }');
});

describe("a gateway in a container", () => {
  afterEach(() => jest.mocked(runsGateway).mockReturnValue(false));

  test("that mounts a folder above it counts; without a gateway, it is there for another reason", async () => {
    engine = { backup: { source: root, status: "running" } };
    expect(await choose()).toBe(false);
    jest.mocked(runsGateway).mockReturnValue(true);
    expect(await failure(() => choose())).toContain("The container backup has no Node");
  });

  test("that mounts another one stops a deploy into a folder without a configuration", async () => {
    engine = { claw: { source: "/srv/volume/_data", status: "running" } };
    jest.mocked(runsGateway).mockReturnValue(true);
    const told = await failure(() => choose());
    expect(told).toContain(`runs in the container claw, which does not mount ${folder}`);
    expect(told).toContain("/srv/volume/_data at /home/node/.openclaw");
    expect(await choose(instance({ container: false }))).toBe(false);
  });

  test("that mounts another one is another's if the folder has a configuration, or that one is deployed for", async () => {
    const [other, configuration] = [join(root, "other"), join(folder, "openclaw.json")];
    engine = { claw: { source: other, status: "running" } };
    jest.mocked(runsGateway).mockReturnValue(true);
    mkdirSync(join(other, "openclaw-openrouter"), { recursive: true });
    expect(await choose()).toBe(false);
    engine = { claw: { source: "/srv/volume/_data", status: "running" } };
    writeFileSync(configuration, "{}");
    expect(await choose()).toBe(false);
    rmSync(configuration);
  });
});

test("a gateway that runs on this host and reads the folder comes first, and that is said", async () => {
  engine = { backup: { source: folder, status: "running" } };
  const title = 'process.title = "openclaw-gateway"; console.log("up"); process.stdin.resume()';
  const gateway = spawn(process.execPath, ["-e", title], {
    env: { HOME: accountInItsHome().home, OPENCLAW_STATE_DIR: folder },
    stdio: ["pipe", "pipe", "inherit"],
  });
  await new Promise((resolve) => gateway.stdout.once("data", resolve));
  const said: string[] = [];
  try {
    expect(await chooseGatewayContainer(instance(), (line) => said.push(line))).toBe(false);
    expect(said.join()).toContain(`backup mounts ${folder}, and the running gateway (pid ${gateway.pid})`);
    const named = instance({ container: "backup" });
    expect(await failure(() => choose(named))).toMatch(
      /no Node that can be run[\s\S]*`openclaw.container` to false/,
    );
  } finally {
    gateway.kill();
  }
});

test("a recorded one stays while it does not run, until the settings say that there is none", async () => {
  const named = instance({ container: "claw" });
  mkdirSync(named.home.root, { mode: 0o700 });
  gatewayContainerRecord.write(named.home, recorded);
  expect(await choose(named)).toBe(false);
  expect(await choose()).toBe(false);
  expect(gatewayContainerRecord.read(named.home)).toEqual(recorded);
  expect(await choose(instance({ container: false }))).toBe(true);
  expect(gatewayContainerRecord.read(named.home)).toBeUndefined();
});

test("one that restarts is waited for, and told if it does not end", async () => {
  const restarting = (times: number) => {
    let left = times;
    return {
      claw: {
        source: folder,
        get status() {
          return left-- > 0 ? "restarting" : "running";
        },
      },
    };
  };
  const named = instance({ container: "claw" });
  const chosen = (patience: number) =>
    failure(async () => chooseGatewayContainer(named, () => {}, { patience }));
  engine = restarting(3);
  expect(await chosen(20_000)).toContain("has no Node that can be run");
  engine = restarting(1000);
  expect(await chosen(300)).toMatch(/does not run[\s\S]*got: +restarting[\s\S]*docker logs claw/);
});

test.each<[string, typeof engine, RegExp]>([
  ["that does not exist", {}, /does not exist/],
  ["that does not run", { claw: { source: folder, status: "exited" } }, /does not run[\s\S]*got: +exited/],
  [
    "that mounts another folder",
    { claw: { source: "/srv/other", status: "running" } },
    /does not mount OpenClaw's folder/,
  ],
])("a named one %s stops the deploy", async (_, containers, message) => {
  engine = containers;
  expect(await failure(() => choose(instance({ container: "claw" })))).toMatch(message);
});
