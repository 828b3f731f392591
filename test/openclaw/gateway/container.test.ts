import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openclawGateway } from "../../../lib/check/checks/openclaw-gateway";
import type { CheckContext } from "../../../lib/check/context";
import type { EngineApi } from "../../../lib/docker/engine-api";
import { execute } from "../../../lib/docker/engine-exec";
import type { EngineContainer } from "../../../lib/docker/schemas";
import { homePaths } from "../../../lib/model/home-paths";
import { inspectGatewayContainer, placeIn } from "../../../lib/openclaw/gateway/container";
import { failure } from "../../host/support";
import { scratchFolder } from "../../support/folder";

jest.mock("../../../lib/docker/engine-exec");

/** The links of the container: where a path leads. */
let links: Record<string, string>;
beforeEach(() => {
  links = {};
  jest.mocked(execute).mockImplementation(async (_engine, _container, [, , script = ""]) => {
    const paths = [...script.matchAll(/realpathSync\("([^"]*)"\)/g)].map(
      ([, path = ""]) => links[path] ?? path,
    );
    const stdout = paths.length > 0 ? String(new Set(paths).size) : "/usr/local/bin/node";
    return { exitCode: 0, stdout: `${stdout}\n`, stderr: "" };
  });
});

const containerWith = (Env: readonly string[]) =>
  ({
    ...{ Id: "c1", Name: "claw", Image: "sha256:one", Config: { Env, User: "node" } },
    State: { Pid: process.pid, Status: "running" },
    Mounts: [{ Type: "bind", Source: "/srv/openclaw", Destination: "/home/node/.openclaw", RW: true }],
  }) as unknown as EngineContainer;

const inspect = (env: readonly string[]) =>
  inspectGatewayContainer({} as EngineApi, {
    container: containerWith(env),
    folder: "/srv/openclaw",
    node: undefined,
  });

test.each([
  [["OPENCLAW_STATE_DIR=/data"], "/data/openclaw.json, by OPENCLAW_STATE_DIR"],
  [["OPENCLAW_HOME=/data"], "/data/.openclaw/openclaw.json, by OPENCLAW_HOME"],
  [
    ["OPENCLAW_STATE_DIR=/home/node/.openclaw", "OPENCLAW_CONFIG_PATH=/etc/openclaw.json"],
    "/etc/openclaw.json, by OPENCLAW_CONFIG_PATH",
  ],
  [
    ["OPENCLAW_CONFIG_PATH=/home/node/.openclaw/other.json"],
    "/home/node/.openclaw/other.json, by OPENCLAW_CONFIG_PATH",
  ],
  [["HOME=/root", "OPENCLAW_STATE_DIR=~/oc"], "/root/oc/openclaw.json, by OPENCLAW_STATE_DIR"],
])("a container whose variables name another configuration is refused: %j", async (env, got) => {
  const told = await failure(() => inspect(env));
  expect(told).toContain("reads another configuration than the mounted one");
  expect(told).toContain(got);
});

test.each([
  [[]],
  [["OPENCLAW_STATE_DIR=/home/node/.openclaw/"]],
  [["OPENCLAW_HOME=/home/node"]],
  [["OPENCLAW_STATE_DIR=~/.openclaw"]],
])("one whose variables name the mounted one is not: %j", async (env) => {
  expect(await inspect(env)).toMatchObject({ container: "claw", folder: "/home/node/.openclaw" });
});

test.each<[string, (readonly [string, string])[], string | undefined]>([
  ["it", [["/srv/openclaw", "/home/node/.openclaw"]], "/home/node/.openclaw"],
  ["a folder above it", [["/srv", "/data"]], "/data/openclaw"],
  ["the whole file system", [["/", "/host"]], "/host/srv/openclaw"],
  ["another one", [["/srv/open", "/home/node/.openclaw"]], undefined],
  ["a volume without a path", [["", "/home/node/.openclaw"]], undefined],
  [
    "a folder above it, and another one over it",
    [
      ["/srv", "/data"],
      ["/other", "/data/openclaw"],
    ],
    undefined,
  ],
  [
    "a folder above it, and it",
    [
      ["/srv", "/data"],
      ["/srv/openclaw", "/home/node/.openclaw"],
    ],
    "/home/node/.openclaw",
  ],
])("where a container has the folder that mounts %s", (_, mounts, place) => {
  const Mounts = mounts.map(([Source, Destination]) => ({ Source, Destination }));
  expect(placeIn({ Mounts } as unknown as EngineContainer, "/srv/openclaw")).toBe(place);
});

test("links there count", async () => {
  links = { "/data": "/home/node/.openclaw" };
  expect(await inspect(["OPENCLAW_STATE_DIR=/data"])).toMatchObject({ node: "/usr/local/bin/node" });
});

test.each([
  [["OPENCLAW_STATE_DIR=/data"], "fail"],
  [["OPENCLAW_HOME=/home/node"], "pass"],
])("the check of one that was created again with %j: %s", async (env, status) => {
  const folder = scratchFolder();
  const file = `{ gateway: { mode: "local" }, models: { providers: { openrouter: { auth: "api-key",
    apiKey: { source: "exec", provider: "openclaw-openrouter", id: "openrouter/api_key" } } } } }`;
  writeFileSync(join(folder, "openclaw.json"), file, { mode: 0o600 });
  const finding = await openclawGateway.run({
    home: homePaths(scratchFolder()),
    gateway: "auto",
    engine: { inspectContainer: async () => containerWith(env) },
    parameters: {
      ...{ instance: "trial", folder, model: "a/b", otherModels: {}, baseUrl: "https://openrouter.test" },
      gateway: { container: "claw", folder: "/home/node/.openclaw", node: "/usr/local/bin/node" },
    },
  } as unknown as CheckContext);
  expect(finding.status).toBe(status);
  if (status === "fail")
    expect(finding.summary).toContain("claw reads /data/openclaw.json (OPENCLAW_STATE_DIR)");
});
