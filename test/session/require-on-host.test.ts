import type { EngineApi } from "../../lib/docker/engine-api";
import { requireOnHost } from "../../lib/session/require-on-host";

const id = "a1".repeat(32);
const mountsIn = (folder: string) =>
  `262 242 254:0 ${folder}/containers/${id}/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda rw\n` +
  `263 242 254:0 ${folder}/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw\n`;
const inContainer = mountsIn("/var/lib/docker");

/** /proc is a mount of its own; / is the container itself. */
const onMount = { OPENCLAW_OPENROUTER_HOME: "/proc/instances" };
const inItself = { OPENCLAW_OPENROUTER_HOME: "/not-there/instances" };

/** An engine that has this container, in a network. */
const engineWith = (network?: string) => {
  const inspectContainer = jest.fn(async (name: string) =>
    network && name === id ? { Name: "job", HostConfig: { NetworkMode: network } } : undefined,
  );
  return { inspectContainer } as unknown as EngineApi & { inspectContainer: typeof inspectContainer };
};

test.each<[string, EngineApi, NodeJS.ProcessEnv, string]>([
  ["on the host", engineWith("bridge"), inItself, ""],
  [
    "in a container of another engine, as where an engine runs in a container",
    engineWith(),
    inItself,
    inContainer,
  ],
  ["in the host's network, with its folder", engineWith("host"), onMount, inContainer],
])("%s it runs", async (_, engine, env, mounts) => {
  await requireOnHost(engine, env, mounts);
});

test("on the host the engine is not asked", async () => {
  const engine = engineWith("bridge");
  await requireOnHost(engine, inItself, "262 242 254:0 / / rw - ext4 /dev/vda rw\n");
  expect(engine.inspectContainer).not.toHaveBeenCalled();
});

test.each<[string, string, NodeJS.ProcessEnv, string]>([
  [
    "in another network",
    "bridge",
    onMount,
    'the container job, its network "bridge", /proc/instances on a mount',
  ],
  [
    "with the instances in itself",
    "host",
    inItself,
    'its network "host", /not-there/instances in the container itself',
  ],
])("in a container of the engine %s it is refused", async (_, network, env, got) => {
  for (const folder of ["/var/lib/docker", "/home/ada/.local/share/docker"]) {
    const refused = requireOnHost(engineWith(network), env, mountsIn(folder));
    await expect(refused).rejects.toMatchObject({ props: { got: expect.stringContaining(got) } });
  }
});
