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
  return compareContainer(applied, await present(hostConfig), undefined).map(
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
