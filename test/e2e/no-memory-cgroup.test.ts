import type { Server } from "node:http";
import { join } from "node:path";
import { engineProxy } from "./support/engine-proxy";
import { describeInFull } from "./support/full";
import { TestHost } from "./support/host";

/** The engine of a kernel without the memory cgroup, as on Raspberry Pi OS: it takes a memory limit, and drops it. */
describeInFull("a kernel that does not limit memory", () => {
  const host = new TestHost();
  const socket = join(host.folder, "engine.sock");
  const there = { DOCKER_HOST: `unix://${socket}` };
  let server: Server;

  beforeAll(async () => {
    server = await engineProxy(host.engine, socket, {
      answered: (_, body) => ({ ...body, MemoryLimit: false }),
      asked: (_, body) => {
        const limits = { Memory: 0, MemorySwap: 0 };
        return body.HostConfig
          ? { ...body, HostConfig: { ...body.HostConfig, ...limits } }
          : { ...body, ...limits };
      },
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    host.remove();
  });

  test("up says so once, a second one changes nothing, and nothing drifted", async () => {
    expect((await host.mustRun(["up"], there)).stderr).toContain("cgroup_enable=memory");
    expect((await host.mustRun(["up"], there)).stderr).toContain("nothing changed");
    const { code, stdout } = await host.run(["drift", "--json"], there);
    expect(JSON.parse(stdout).findings).toEqual([]);
    expect(code).toBe(0);
  });

  test("the same host with the cgroup gets the limit at the next up", async () => {
    await host.mustRun(["up"]);
    expect(host.docker("inspect", "-f", "{{.HostConfig.Memory}}", "openclaw-sandbox-vault")).toBe(
      String(512 * 2 ** 20),
    );
    expect((await host.run(["drift"])).code).toBe(0);
  });
});
