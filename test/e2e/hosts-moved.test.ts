import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { startTestEngine } from "../support/engine";
import { DeployedHost, deployedKey } from "./support/deployed";
import { describeInFull } from "./support/full";
import { program } from "./support/host";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts } from "./support/other-hosts";
import { addNamespace, cable, ip, Relay } from "./support/relay";

const [served, there] = ["10.78.0.1", "10.78.0.2"];

/** The Vault's host is lost, and its address moves to a new machine: another engine, another home, another network namespace. */
describeInFull("a Vault with hosts, restored on a new machine", () => {
  const host = new DeployedHost();
  const namespace = `${process.env.TEST_NAMESPACE}-hosts`;
  const others = new OtherHosts(host, namespace);
  const keys = { web1: newKey(), web2: newKey() };
  // A short path: a socket's has a hundred characters at most.
  const folder = join(dirname(host.folder), "moved");
  const file = join(host.folder, "backup.tar");
  const shares = join(host.folder, "shares.json");
  let engine: Awaited<ReturnType<typeof startTestEngine>> | undefined;
  let openrouter: LocalOpenRouter;
  let relay: Relay;

  beforeAll(async () => {
    openrouter = await host.restore(...Object.values(keys));
    relay = new Relay(join(dirname(host.folder), "relay.sock"), openrouter.port);
    addNamespace(namespace);
    cable([
      [undefined, "moved0", served],
      [namespace, "moved1", there],
    ]);
    await relay.into(namespace);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl }, vault: { listen: served } });
    await host.mustRun(["up"], { OPENROUTER_API_KEY: deployedKey });
    for (const [name, key] of Object.entries(keys)) {
      const args = ["host", "invite", name, "--address", `${there}/32`, "--key-stdin"];
      await others.mustRun(name, ["host", "join"], (await host.mustRun(args, {}, key)).stdout);
    }
  });
  afterAll(async () => {
    if (engine) {
      for (const id of (await second("docker", "ps", "-aq")).stdout.split("\n").filter(Boolean))
        await second("docker", "rm", "-f", id);
      await engine.stop();
      rmSync(folder, { recursive: true });
    }
    relay.close();
    ip("netns", "delete", namespace);
    await openrouter.close();
    host.remove();
  });

  /** Runs a command on the new machine. */
  function second(command: string, ...args: string[]) {
    const environment = { HOME: join(folder, "home"), DOCKER_HOST: engine?.environment.TEST_ENGINE };
    const [enter = "", ...rest] = engine?.namespace ?? [];
    return host.startCommand(enter, [...rest, command, ...args], environment).outcome;
  }
  const secondRuns = (...args: string[]) => second(process.execPath, program, ...args);

  test("its hosts read on unchanged, and one is put out before Vault serves", async () => {
    await host.mustRun(["backup", "create", "--out", file]);
    cpSync(host.home("default").shares, shares);
    host.clear();
    ip("link", "delete", "moved0");

    mkdirSync(join(folder, "home"), { recursive: true });
    engine = await startTestEngine(folder, `${namespace}-second`);
    cable([
      [`${namespace}-second`, "moved0", served],
      [namespace, "moved1", there],
    ]);
    await relay.into(`${namespace}-second`);

    const from = ["restore", "--from", file, "--share-file", shares, "--yes", "--trust-archive"];
    const unknown = await secondRuns(...from, "--evict", "web9");
    expect(unknown).toMatchObject({ code: 64, stderr: expect.stringContaining("serves no host web9") });
    const begin = performance.now();
    const restored = await secondRuns(...from, "--evict", "web2");
    expect(restored.stderr).toContain("hosts that it serves: web1, web2");
    expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining("host evict web2") });
    expect(await others.resolve("web1")).toEqual({ "openrouter/api_key": keys.web1 });
    process.stderr.write(
      `\nrestored, and read by a joined host: ${Math.round(performance.now() - begin)} ms\n`,
    );

    expect(await others.resolve("web2")).toEqual({});
    expect((await others.run("web1", ["check"])).code).toBe(0);
    expect((await others.run("web1", ["drift"])).code).toBe(0);
    expect((await others.run("web2", ["drift"])).code).toBe(2);
    expect((await secondRuns("drift")).code).toBe(0);
    const { hosts } = JSON.parse((await secondRuns("host", "list", "--json")).stdout);
    expect(hosts.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
      ["web1", "joined"],
      ["web2", "evicted"],
    ]);
  });
});
