import { container } from "../../lib/docker/schemas";
import { compareContainer, networksOf, parseAppliedContainer } from "../../lib/drift/container-fields";

const applied = parseAppliedContainer({
  id: "c1",
  name: "vault",
  image: "sha256:1",
  restart: "unless-stopped",
  memory: 512,
  memory_swap: 512,
  network_mode: "bridge",
  log_driver: "json-file",
  env: ["A=1"],
})!;

const inspected = {
  Id: "c1",
  Name: "/vault",
  Image: "sha256:1",
  Created: "2026-01-01T00:00:00Z",
  State: { Status: "running", ExitCode: 0, StartedAt: "", FinishedAt: "", OOMKilled: false },
  Config: { Env: ["A=1"] },
  HostConfig: {
    Memory: 512 * 2 ** 20,
    MemorySwap: 512 * 2 ** 20,
    RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
    LogConfig: { Type: "json-file", Config: {} },
  },
  NetworkSettings: { Networks: { bridge: {} } },
};

/** The container as the engine would tell it. */
async function present(hostConfig: object = {}, networks: object = { bridge: {} }) {
  const answer = {
    ...inspected,
    HostConfig: { ...inspected.HostConfig, ...hostConfig },
    NetworkSettings: { Networks: networks },
  };
  return container.parse(answer);
}

async function differences(hostConfig: object) {
  return compareContainer(applied, await present(hostConfig), undefined, true).map(
    ({ id, expected, actual }) => `${id}: ${expected} -> ${actual}`,
  );
}

test.each([
  ["as it was applied", {}, []],
  ["no limit, in the engine's three ways", { PidsLimit: -1, CpuShares: 0, BlkioWeight: null }, []],
  [
    "limits that nobody declared",
    { PidsLimit: 100, CpusetCpus: "0-1" },
    ["limits: none -> CpusetCpus=0-1, PidsLimit=100"],
  ],
  ["as much swap as there is", { MemorySwap: -1 }, ["memory-swap: 512 MiB -> no limit"]],
  [
    "restarted so often",
    { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } },
    ["restart: unless-stopped -> on-failure:3"],
  ],
  [
    "never restarted",
    { RestartPolicy: { Name: "", MaximumRetryCount: 0 } },
    ["restart: unless-stopped -> no"],
  ],
])("%s", async (_, hostConfig, expected) => {
  expect(await differences(hostConfig)).toEqual(expected);
});

test.each([
  ["on its own network", { bridge: {} }, { isOnOwn: true, others: [] }],
  ["on another as well", { bridge: {}, other: {} }, { isOnOwn: true, others: ["other"] }],
  ["on another instead", { other: {} }, { isOnOwn: false, others: ["other"] }],
  ["on none", {}, { isOnOwn: false, others: [] }],
])("%s", async (_, networks, expected) => {
  expect(networksOf(applied, await present({}, networks))).toEqual({ own: "bridge", ...expected });
});

/** One difference of every field: what the engine would tell instead, and what is told of it. */
const differing: [id: string, severity: string, change: object, told: string][] = [
  ["image", "critical", { Image: "sha256:2" }, "sha256:1 -> sha256:2"],
  [
    "ports",
    "critical",
    { HostConfig: { PortBindings: { "8200/tcp": [{ HostIp: "", HostPort: "8200" }] } } },
    "127.0.0.1:8200->8200/tcp -> 0.0.0.0:8200->8200/tcp",
  ],
  ["privileged", "critical", { HostConfig: { Privileged: true } }, "false -> true"],
  ["cap-add", "critical", { HostConfig: { CapAdd: ["CAP_SYS_ADMIN"] } }, "IPC_LOCK -> SYS_ADMIN"],
  ["cap-drop", "critical", { HostConfig: { CapDrop: null } }, "ALL -> none"],
  ["user", "critical", { Config: { User: "0" } }, "100:1000 -> 0"],
  ["read-only", "critical", { HostConfig: { ReadonlyRootfs: false } }, "true -> false"],
  ["security-options", "critical", { HostConfig: { SecurityOpt: [] } }, "no-new-privileges -> none"],
  ["pid-mode", "critical", { HostConfig: { PidMode: "host" } }, "private -> host"],
  ["devices", "critical", { HostConfig: { Devices: [{ PathOnHost: "/dev/kmsg" }] } }, "none -> /dev/kmsg"],
  [
    "mounts",
    "critical",
    { Mounts: [{ Type: "bind", Source: "/etc", Destination: "/vault/file", RW: false }] },
    "volume data at /vault/file -> bind /etc at /vault/file (read only)",
  ],
  ["tmpfs", "major", { HostConfig: { Tmpfs: {} } }, "/tmp=size=1m -> none"],
  ["command", "critical", { Config: { Cmd: ["server", "-dev"] } }, "server -> server -dev"],
  ["entrypoint", "critical", { Config: { Entrypoint: ["sh"] } }, "docker-entrypoint.sh -> sh"],
  ["network-mode", "major", { HostConfig: { NetworkMode: "host" } }, "own -> host"],
  ["restart", "major", { HostConfig: { RestartPolicy: { Name: "always" } } }, "unless-stopped -> always"],
  ["memory", "major", { HostConfig: { Memory: 2 ** 20 } }, "512 MiB -> 1 MiB"],
  ["memory-swap", "minor", { HostConfig: { MemorySwap: -1 } }, "512 MiB -> no limit"],
  ["limits", "major", { HostConfig: { NanoCpus: 5 } }, "none -> NanoCpus=5"],
  ["healthcheck", "minor", { Config: { Healthcheck: null } }, "CMD true -> none"],
  ["log-driver", "minor", { HostConfig: { LogConfig: { Type: "none" } } }, "json-file -> none"],
  [
    "log-options",
    "minor",
    { HostConfig: { LogConfig: { Config: { "max-size": "1g", labels: "x" } } } },
    "max-size=10m -> max-size=1g",
  ],
  ["env", "major", { Config: { Env: ["A=secret"] } }, "1 variables -> A changed"],
  ["env", "major", { Config: { Env: ["A=1", "B=2", "PATH=/"] } }, "1 variables -> B added"],
  ["env", "major", { Config: { Env: [] } }, "1 variables -> A removed"],
  ["labels", "minor", { Config: { Labels: { l: "2", made: "by the image" } } }, "l=1 -> l=2"],
  ["labels", "minor", { Config: { Labels: { l: "1", made: "by hand" } } }, "l=1 -> l=1, made=by hand"],
];

const whole = parseAppliedContainer({
  id: "c1",
  name: "vault",
  image: "sha256:1",
  command: ["server"],
  entrypoint: ["docker-entrypoint.sh"],
  user: "100:1000",
  env: ["A=1"],
  labels: [{ label: "l", value: "1" }],
  capabilities: [{ add: ["CAP_IPC_LOCK"], drop: ["ALL"] }],
  security_opts: ["no-new-privileges"],
  read_only: true,
  restart: "unless-stopped",
  memory: 512,
  memory_swap: 512,
  network_mode: "own",
  mounts: [{ type: "volume", source: "data", target: "/vault/file", read_only: false }],
  tmpfs: { "/tmp": "size=1m" },
  ports: [{ internal: 8200, external: 8200, ip: "127.0.0.1", protocol: "tcp" }],
  log_driver: "json-file",
  log_opts: { "max-size": "10m" },
  healthcheck: [{ test: ["CMD", "true"] }],
})!;

const asApplied = {
  ...inspected,
  Config: {
    User: "100:1000",
    Env: ["A=1", "PATH=/"],
    Cmd: ["server"],
    Entrypoint: ["docker-entrypoint.sh"],
    Labels: { l: "1", made: "by the image" },
    Healthcheck: { Test: ["CMD", "true"] },
  },
  HostConfig: {
    ...inspected.HostConfig,
    CapAdd: ["IPC_LOCK"],
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    ReadonlyRootfs: true,
    NetworkMode: "own",
    Tmpfs: { "/tmp": "size=1m" },
    LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
    PortBindings: { "8200/tcp": [{ HostIp: "127.0.0.1", HostPort: "8200" }] },
  },
  Mounts: [
    { Type: "volume", Name: "data", Source: "/var/lib/x", Destination: "/vault/file", RW: true },
    { Type: "tmpfs", Destination: "/tmp" },
  ],
};

const ofImage = { Id: "sha256:1", Config: { Env: ["PATH=/"], Labels: { made: "by the image" } } };

type Tree = Record<string, unknown>;

/** A container with some fields of others. */
function changed(base: Tree, change: Tree): Tree {
  const isTree = (value: unknown): value is Tree =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(change)])].map((name) => {
      const [was, now] = [base[name], change[name]];
      if (!(name in change)) return [name, was];
      const isWhole = ["Tmpfs", "Labels", "PortBindings"].includes(name);
      return [name, isTree(was) && isTree(now) && !isWhole ? changed(was, now) : now];
    }),
  );
}

function compared(change: object) {
  return compareContainer(whole, container.parse(changed(asApplied, change as Tree)), ofImage, true);
}

test("a container as applied differs in no field", async () => {
  expect(await compared({})).toEqual([]);
});

test.each(differing)("the field %s alone is reported (%s)", async (id, severity, change, told) => {
  const found = await compared(change);
  expect(found.map((each) => [each.id, each.severity, `${each.expected} -> ${each.actual}`])).toEqual([
    [id, severity, told],
  ]);
});

test("no value of a variable is shown: it can be a secret", async () => {
  expect(JSON.stringify(await compared({ Config: { Env: ["A=hunter2"] } }))).not.toContain("hunter2");
});

test("no limit of swap was applied where the kernel counts none: then none is a difference", async () => {
  const uncounted = { ...whole, memory_swap: -1 };
  const now = container.parse(changed(asApplied, { HostConfig: { MemorySwap: -1 } }));
  expect(compareContainer(uncounted, now, ofImage, false)).toEqual([]);
});

test("a limit of swap that was taken away is reported still after a refresh wrote that into the state", () => {
  const refreshed = { ...whole, memory_swap: -1 };
  const now = container.parse(changed(asApplied, { HostConfig: { MemorySwap: -1 } }));
  expect(compareContainer(refreshed, now, ofImage, true)).toMatchObject([
    { id: "memory-swap", expected: "512 MiB", actual: "no limit" },
  ]);
});

test("a limit from before a kernel that limits no memory is none", async () => {
  const undeclared = { ...applied, memory: 0, memory_swap: 0 };
  expect(compareContainer(undeclared, await present(), undefined, true)).toEqual([]);
});
