import { cpSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { Engine } from "../../../lib/docker/engine";
import { EngineApi } from "../../../lib/docker/engine-api";
import { homePaths } from "../../../lib/model/home-paths";
import { instanceLabel } from "../../../lib/model/instance-label";
import {
  hostKeysLeft,
  purge,
  purgeFromExternal,
  purgeList,
  statesLeft,
} from "../../../lib/operations/deploy/purge";
import { writeInstance } from "../../../lib/store/home";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { type HostEntry, writeHosts } from "../../../lib/store/records/hosts-record";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const id = "6f2f4f5e-3a5f-4d5e-8b3b-6a1a3a8d9f10";

/** An engine with volumes, by name and owner, and no container. */
class VolumesEngine {
  readonly socket = join(scratchFolder(), "engine.sock");
  readonly api = new EngineApi(this.socket);
  private readonly server: Server;

  constructor(readonly volumes: Map<string, string>) {
    this.server = createServer((request, response) => {
      const [path = ""] = (request.url ?? "").split("?");
      const name = path.replace("/volumes/", "");
      const owner = this.volumes.get(name);
      if (path === "/containers/json") response.end("[]");
      else if (owner === undefined) response.writeHead(404).end('{"message":"none"}');
      else if (request.method === "DELETE") {
        this.volumes.delete(name);
        response.writeHead(204).end();
      } else response.end(JSON.stringify({ Name: name, Labels: { [instanceLabel]: owner } }));
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.socket, resolve));
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** An instance in a folder of instances, on an engine that has its volumes and one of another instance. */
async function deployedTrial() {
  const root = join(scratchFolder(), "homes");
  process.env.OPENCLAW_OPENROUTER_HOME = root;
  const home = join(root, "trial");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeInstance(home, id, "2026-11-25T12:00:00.000Z");
  writeHosts(homePaths(home), { hosts: [], evicted: [] });
  const settings = { vault: { container: "vault-trial" } };
  const describe = (instance: string) =>
    describeInstance(settings, { instance, home: join(root, instance), userHome: scratchFolder() });
  const own = ["data", "home", "socket", "data-before", "home-before"].map((each) => `vault-trial-${each}`);
  const engine = new VolumesEngine(
    new Map([...own.map((name) => [name, id] as const), ["vault-trial-other", "other"]]),
  );
  await engine.listen();
  const phase = <T>(_: string, work: (progress: () => void) => Promise<T>) => work(() => {});
  const purgeOf = (instance: string) =>
    purge(describe(instance), { api: engine.api, id: "e", socket: engine.socket } as Engine, phase);
  return { root, home, engine, purgeOf };
}

afterEach(() => {
  delete process.env.OPENCLAW_OPENROUTER_HOME;
});

test("a purge removes the copies of Vault's data that an unfinished restore keeps, and no others", async () => {
  const { home, engine, purgeOf } = await deployedTrial();
  try {
    await purgeOf("trial");
    expect([...engine.volumes.keys()]).toEqual(["vault-trial-other"]);
    expect(existsSync(home)).toBe(false);
  } finally {
    engine.close();
  }
});

test("neither a copied instance directory nor its original is purged: both would take the one Vault", async () => {
  const { root, home, engine, purgeOf } = await deployedTrial();
  try {
    const before = [...engine.volumes.keys()];
    cpSync(home, join(root, "trial-old"), { recursive: true });
    for (const [name, other] of [
      ["trial-old", "trial"],
      ["trial", "trial-old"],
    ] as const)
      await expect(purgeOf(name)).rejects.toMatchObject({
        props: { problem: expect.stringContaining(other), fix: expect.stringContaining(root) },
      });
    expect([...engine.volumes.keys()]).toEqual(before);
    renameSync(join(root, "trial-old"), join(scratchFolder(), "trial-old"));
    await purgeOf("trial");
    expect(existsSync(home)).toBe(false);
  } finally {
    engine.close();
  }
});

test("the states of another backend are not among what a purge removes: it names the place in which they are", () => {
  const at = "2026-11-25T12:00:00.000Z";
  const backend = { type: "pg", config: { schema_name: "oo_{stack}" } } as const;
  const here = describeInstance({}, { home: scratchFolder() });
  expect([statesLeft(here), purgeList(here).at(-1)]).toEqual([
    undefined,
    expect.stringContaining("Terraform's state"),
  ]);
  const declared = describeInstance({ terraform: { backend } }, { home: scratchFolder() });
  const moved = describeInstance({}, { home: scratchFolder() });
  deployedRecord.write(moved.home, { at, settings: declared.settings });
  for (const deployment of [declared, moved]) {
    expect(statesLeft(deployment)).toBe('the backend pg, schema_name "oo_{stack}"');
    expect(purgeList(deployment).join()).not.toContain("Terraform's state");
  }
});

const host: HostEntry = {
  ...{ name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1", addresses: [] },
  invited: "2026-11-25T12:00:00.000Z",
  key: { sha256: "a".repeat(64), label: "sk-or-v1-0a1...978", limitUsd: 5 },
};

test("a purge names the keys of hosts, which it cuts off and does not disable", () => {
  const deployment = describeInstance({}, { home: scratchFolder() });
  expect([hostKeysLeft(deployment), purgeList(deployment).length]).toEqual([[], 3]);
  writeHosts(deployment.home, { hosts: [host], evicted: [] });
  expect(hostKeysLeft(deployment)).toEqual([{ host: "web1", label: host.key?.label }]);
  expect(purgeList(deployment)).toContainEqual(expect.stringContaining("the hosts web1"));
});

test("the roles of hosts in an external Vault are not left behind: they are to be evicted first", async () => {
  const deployment = describeInstance(
    { vault: { address: "https://127.0.0.1:1" } },
    { home: scratchFolder() },
  );
  writeHosts(deployment.home, { hosts: [host], evicted: [] });
  const phase = jest.fn();
  const asked = () => Promise.reject(new Error("asked"));
  await expect(purgeFromExternal(deployment, phase, asked)).rejects.toMatchObject({
    props: { got: "web1", fix: expect.stringContaining("host evict web1") },
  });
  expect(phase).not.toHaveBeenCalled();
  expect(existsSync(deployment.home.root)).toBe(true);
});
