import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sharersOf } from "../../lib/docker/container-sharers";
import { type EngineApi, EngineError } from "../../lib/docker/engine-api";
import { homeFolder } from "../../lib/docker/home-files";
import { openApisOf } from "../../lib/docker/schemas";
import { usersOf } from "../../lib/docker/volumes";
import type { DriftContext } from "../../lib/drift/context";
import { containerSharers } from "../../lib/drift/probes/container-sharers";
import { engine as engineProbe } from "../../lib/drift/probes/engine";
import { homeVolume } from "../../lib/drift/probes/home-volume";
import { network as networkProbe } from "../../lib/drift/probes/network";
import { settings as settingsProbe } from "../../lib/drift/probes/settings";
import { vaultAudit } from "../../lib/drift/probes/vault-audit";
import { vaultConfig } from "../../lib/drift/probes/vault-config";
import { instanceLabel } from "../../lib/model/instance-label";
import { scratchFolder } from "../support/folder";

const id = "0123456789abcdef".repeat(4);

/** An engine with our container and others, each with its HostConfig; `undefined` was removed since. */
function engineWith(others: Record<string, object | undefined>): EngineApi {
  return {
    async call(_method: string, path: string) {
      if (path.startsWith("/containers/json")) return [id, ...Object.keys(others)].map((Id) => ({ Id }));
      const [, , name = ""] = path.split("/");
      const HostConfig = others[name];
      if (!HostConfig) throw new EngineError(404, "no such container");
      const State = { Pid: name === "orphan" ? process.pid : 0 };
      return { Id: name, Name: `/${name}`, Created: "2026-11-01T10:00:00Z", State, HostConfig };
    },
  } as unknown as EngineApi;
}

test("containers in a namespace of ours", async () => {
  const engine = engineWith({
    web: { NetworkMode: "bridge", PidMode: "", IpcMode: "private" },
    agent: { NetworkMode: `container:${id}` },
    named: { NetworkMode: "container:vault", IpcMode: "container:vault" },
    short: { PidMode: `container:${id.slice(0, 12)}` },
    user: { UsernsMode: `container:${id}` },
    theirs: { NetworkMode: "container:vault2", PidMode: "container:fedcba", IpcMode: "container:" },
    host: { NetworkMode: "host", PidMode: "host", IpcMode: "host", UsernsMode: "host" },
    gone: undefined,
    deeper: { NetworkMode: "container:agent", PidMode: "container:user" },
    circle: { PidMode: "container:circle" },
    // It joined one that is gone, and is in the namespace of this process.
    orphan: { PidMode: "container:removed" },
  });
  const found = await sharersOf(engine, { id, name: "vault", pid: process.pid });
  expect(found.map(({ name, namespace }) => `${name} ${namespace}`)).toEqual([
    "agent network",
    "named network",
    "named ipc",
    "short pid",
    "user user",
    "deeper network",
    "orphan pid",
  ]);
  const context = {
    container: async () => ({ Id: id, Name: "vault", State: { Pid: 0 } }),
    engine: { api: engine },
  };
  const findings = await containerSharers.inspect(context as unknown as DriftContext);
  expect(findings.map((each) => `${each.severity} ${each.id}`)).toContain("critical container.shared:pid");
});

test("the network as an engine with default options makes it", async () => {
  const inspect = async (Options: Record<string, string>, EnableIPv6 = false) => {
    const network = {
      Driver: "bridge",
      Internal: false,
      EnableIPv6,
      Labels: { [instanceLabel]: "i" },
      Containers: {},
      Options,
    };
    const context = {
      deployed: { network: "vault-network", container: "vault", instance: "default" },
      instanceId: "i",
      appliedContainer: async () => undefined,
      engine: { api: { inspectNetwork: async () => network } },
    };
    return (await networkProbe.inspect(context as unknown as DriftContext)).map((each) => each.id);
  };
  const isolated = { "com.docker.network.bridge.enable_icc": "false" };
  expect(await inspect(isolated)).toEqual([]);
  expect(await inspect({ ...isolated, "com.docker.network.driver.mtu": "1450" })).toEqual([]);
  const families = { "com.docker.network.enable_ipv4": "true", "com.docker.network.enable_ipv6": "false" };
  expect(await inspect({ ...isolated, ...families })).toEqual([]);
  expect(await inspect({ ...isolated, "com.docker.network.enable_ipv6": "true" }, true)).toEqual([]);
  // Older engines keep nobody apart there.
  expect(await inspect(isolated, true)).toEqual(["network.enableipv6"]);
  const routed = { "com.docker.network.bridge.gateway_mode_ipv4": "routed" };
  expect(await inspect({ ...isolated, ...routed })).toEqual(["network.options"]);
  expect(await inspect({ "com.docker.network.driver.mtu": "1450" })).toEqual(["network.options"]);
});

test("the containers that mount a volume, by its name or its folder", async () => {
  const folder = "/data/docker/volumes/vault-data/_data";
  const mounts = {
    volume: { Name: "vault-data" },
    folder: { Source: folder },
    inside: { Source: `${folder}/raft` },
    // `/var/lib/docker` is a link to `/data/docker`.
    link: { Source: "/var/lib/docker/volumes/vault-data/_data" },
    other: { Source: "/var/lib/docker/volumes/vault-data2/_data" },
    host: { Source: "/" },
  };
  const engine = {
    containers: async () =>
      Object.entries(mounts).map(([name, mount]) => ({
        Id: name,
        Names: [`/${name}`],
        Created: 0,
        Mounts: [{ Name: "", Source: "", ...mount }],
      })),
  } as unknown as EngineApi;
  const names = async (of: string | undefined) =>
    (await usersOf(engine, "vault-data", of)).map(({ name }) => name);
  expect(await names(folder)).toEqual(["volume", "folder", "inside", "link"]);
  expect(await names(undefined)).toEqual(["volume"]);
});

test("settings of the last deploy that this version cannot read are no settings without a change", async () => {
  const declared = { settings: { vault: {} } };
  const inspect = async (deployed: object, settings?: object) =>
    settingsProbe.inspect({ declared, deployed, record: { settings } } as unknown as DriftContext);
  expect(await inspect({ settings: { vault: {} } }, {})).toEqual([]);
  // A plain `cdktf deploy` records none.
  expect(await inspect(declared)).toEqual([]);
  await expect(inspect(declared, { vault: "of another version" })).rejects.toThrow(
    /cannot read the settings/,
  );
});

test("an API of the engine that is open, as the engine itself warns", async () => {
  const warnings = [
    "WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n         Access to the remote API is equivalent to root access on the host.",
    "[DEPRECATION NOTICE]: API is accessible on https://127.0.0.1:2376 without TLS client verification.",
    "WARNING: No swap limit support",
  ];
  const openApis = openApisOf(warnings);
  expect(openApis).toEqual([
    { address: "http://0.0.0.0:2375", lacks: "encryption" },
    { address: "https://127.0.0.1:2376", lacks: "TLS client verification" },
  ]);
  const context = { engineInfo: async () => ({ openApis }) } as unknown as DriftContext;
  expect((await engineProbe.inspect(context)).map((each) => each.id)).toEqual([
    "engine.api:http://0.0.0.0:2375",
    "engine.api:https://127.0.0.1:2376",
  ]);
});

test("files in the container's home that are not managed", async () => {
  const folder = scratchFolder();
  for (const name of [".reader-role-id", ".reader-secret-id", ".vault", "token-helper", ".ash_history"])
    writeFileSync(join(folder, name), "x");
  for (const name of ["tls", "seal", "lost+found"]) mkdirSync(join(folder, name));
  const context = {
    deployed: { container: "vault" },
    container: async () => ({ Id: id, Mounts: [{ Destination: homeFolder, Source: folder }] }),
  } as unknown as DriftContext;
  expect(await homeVolume.inspect(context)).toEqual([]);
  for (const name of [".vault-token", ".profile", "notes.txt"]) writeFileSync(join(folder, name), "x");
  mkdirSync(join(folder, "more"));
  const found = await homeVolume.inspect(context);
  expect(found.map((each) => `${each.severity} ${each.id}`).sort()).toEqual([
    "critical volume.home-file:.profile",
    "critical volume.home-file:.vault-token",
    "minor volume.home-file:more/",
    "minor volume.home-file:notes.txt",
  ]);
});

describe("a name that somebody else chose is one word of the command that a person is told to run", () => {
  const name = "x;touch pwned $(id) '";
  const word = String.raw`x;touch pwned $(id) '\'''`;

  test("a file that Vault's user made", async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, name), "x");
    const context = {
      deployed: { container: "vault" },
      container: async () => ({ Id: id, Mounts: [{ Destination: homeFolder, Source: folder }] }),
    } as unknown as DriftContext;
    const [found] = await homeVolume.inspect(context);
    expect(found?.fix.command).toBe(
      `Find out what it is, then: docker exec vault rm -r '/home/vault/${word}`,
    );
  });

  test("an audit device in Vault", async () => {
    const answer = { data: { [name]: { type: "file", options: { log_raw: "true" } } } };
    const auditor = {
      call: async (_: unknown, schema: { parse(value: unknown): unknown }) => schema.parse(answer),
    };
    const context = { auditor: async () => auditor, deployed: {}, renewal: "up" } as unknown as DriftContext;
    const found = await vaultAudit.inspect(context);
    expect(found.map(({ fix }) => fix.command)).toContainEqual(
      expect.stringContaining(`vault audit disable '${word}  (`),
    );
  });
});

describe("what Vault runs with", () => {
  const listeners = [
    { type: "tcp", config: { address: "0.0.0.0:8200", tls_cert_file: "x" } },
    { type: "unix", config: { address: "/vault/socket/vault.sock" } },
  ];
  const servers = [{ node_id: "node1", address: "127.0.0.1:8201" }];
  async function found(state: object, peers = servers, webHeaders: string[] = []): Promise<string[]> {
    const answers: Record<string, object> = {
      "sys/config/auditing/request-headers": { headers: {} },
      "sys/config/cors": { enabled: false },
      "sys/storage/raft/configuration": { config: { servers: peers } },
      "sys/config/state/sanitized": { listeners, ...state },
    };
    const auditor = {
      call: async ({ path }: { path: string }, schema: { parse(value: unknown): unknown }) =>
        schema.parse({ data: answers[path] }),
      list: async () => webHeaders,
    };
    const deployed = { container: "vault", tls: {}, settings: { vault: {} } };
    const context = { auditor: async () => auditor, deployed };
    return (await vaultConfig.inspect(context as unknown as DriftContext)).map((each) => each.id);
  }

  test.each<[string, object, string[]]>([
    ["as deployed", {}, []],
    ["the storage open to the API", { raw_storage_endpoint: true }, ["vault.server:raw_storage_endpoint"]],
    ["its inside open", { introspection_endpoint: true }, ["vault.server:introspection_endpoint"]],
    ["plugins", { plugin_directory: "/tmp" }, ["vault.server:plugin_directory"]],
    [
      "another listener",
      { listeners: [...listeners, { type: "tcp", config: { address: "0.0.0.0:8300", tls_disable: true } }] },
      ["vault.server:listener 0.0.0.0:8300"],
    ],
  ])("%s", async (_name, state, expected) => {
    expect(await found(state)).toEqual(expected);
  });

  test("another header of its web pages", async () => {
    expect(await found({}, servers, ["Content-Security-Policy"])).toEqual([
      "vault.web-header:Content-Security-Policy",
    ]);
  });

  test("another server in its cluster", async () => {
    expect(await found({}, [...servers, { node_id: "node2", address: "10.0.0.9:8201" }])).toEqual([
      "vault.servers",
    ]);
  });
});
