import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { StackName } from "../../lib/model/home-paths";
import { readShares } from "../../lib/vault/shares/shares-file";
import { describeInFull, testInFull } from "./support/full";
import { lockedBy, program, type Running, type RunOutcome, TestHost, until } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { isRunning, killTree, tree } from "./support/processes";
import { TestVault } from "./support/vault";

/** What stands in the way of a deploy is told, with a fix; nothing is half done, and the next run goes on. */
describe("wrong circumstances", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = newKey();
  const image = "openclaw-openrouter/vault:1.21.2";
  let openrouter: LocalOpenRouter;

  const upWithKey = (extra: NodeJS.ProcessEnv = {}) =>
    host.run(["up"], { OPENROUTER_API_KEY: key, ...extra });
  const settings = (baseUrl: string) => host.writeSettings("default", { openrouter: { baseUrl } });

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  function expectStop(outcome: RunOutcome, ...says: (string | RegExp)[]): void {
    expectRefused(outcome, 1, ...says);
  }

  function expectRefused({ stderr, code }: RunOutcome, as: number, ...says: (string | RegExp)[]): void {
    for (const text of says) expect(stderr).toMatch(text);
    expect(stderr).not.toContain("defect");
    expect(code).toBe(as);
  }

  describe("before the first deploy", () => {
    afterEach(() =>
      expect(host.docker("ps", "-aq", "--filter", "label=openclaw-openrouter.instance")).toBe(""),
    );

    test("no engine answers where one is named", async () => {
      const socket = join(host.folder, "dead.sock");
      expectStop(
        await upWithKey({ DOCKER_HOST: `unix://${socket}` }),
        "No Docker Engine answers",
        socket,
        /fix:/,
      );
    });

    test("the instance directory can be read by others", async () => {
      mkdirSync(home.root, { recursive: true });
      chmodSync(home.root, 0o755);
      expectStop(await upWithKey(), "can be read by others", "chmod 700");
      chmodSync(home.root, 0o700);
    });

    test("the instance directory cannot be written to", async () => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "ro,mode=0700", "tmpfs", home.root]);
      try {
        expectStop(await upWithKey(), "cannot be written to", "EROFS", "OPENCLAW_OPENROUTER_HOME");
      } finally {
        execFileSync("umount", [home.root]);
      }
    });

    test("the port is taken by a program", async () => {
      settings(openrouter.baseUrl);
      const server = createServer().listen(8200, "127.0.0.1");
      await new Promise((listening) => server.once("listening", listening));
      try {
        expectStop(
          await upWithKey(),
          "Port 8200 on 127.0.0.1 is taken",
          `(pid ${process.pid})`,
          "vault.port",
        );
      } finally {
        server.close();
      }
    });

    test("the port is taken by a container", async () => {
      host.docker(
        "run",
        "-d",
        "--name",
        "other",
        "-p",
        "127.0.0.1:8200:1",
        "--entrypoint",
        "sleep",
        image,
        "600",
      );
      expectStop(await upWithKey(), "Port 8200 on 127.0.0.1 is taken", "the container other");
      host.docker("rm", "-f", "other");
    });

    test("it runs in a container with the engine's socket, as a CI job's", async () => {
      const [socket, cache] = [
        host.engine.replace("unix://", ""),
        host.environment().OPENCLAW_OPENROUTER_CACHE,
      ];
      const own = [dirname(dirname(process.execPath)), dirname(dirname(program)), socket, `${cache}`];
      const mounts = [...new Set(["/usr", "/lib", "/lib64", ...own])].flatMap((path) => [
        "-v",
        `${path}:${path}`,
      ]);
      const { outcome } = host.startCommand("docker", [
        ...["-H", host.engine, "run", "--rm", "--name", "job", "--network", "host", "--user", "0", ...mounts],
        ...[
          "-e",
          `DOCKER_HOST=${host.engine}`,
          "-e",
          "HOME=/home",
          "-e",
          `OPENCLAW_OPENROUTER_CACHE=${cache}`,
        ],
        ...["--entrypoint", process.execPath, image, program, "up", "--instance", "sandbox"],
      ]);
      expectStop(await outcome, "This runs in a container", "the container job", "ssh");
    });

    test("a container of that name is not ours, and is not touched", async () => {
      const id = host.docker("create", "--name", "vault", image);
      expectRefused(await upWithKey(), 64, "There is a container vault already", "docker start vault");
      expect(host.docker("inspect", "-f", "{{.Id}} {{.State.Status}}", "vault")).toBe(`${id} created`);
      host.docker("rm", "vault");
      host.docker("volume", "prune", "-f");
    });

    test("a volume of that name is not ours, and is not touched", async () => {
      host.docker("volume", "create", "vault-data");
      expectStop(await upWithKey(), "There is a volume vault-data on this engine already");
      expect(host.docker("volume", "inspect", "-f", "{{.Labels}}", "vault-data")).toBe("map[]");
      host.docker("volume", "rm", "vault-data");
    });
  });

  test("OpenRouter cannot be reached: it is deployed, and the check says so", async () => {
    settings("http://127.0.0.1:18299/api/v1");
    const outcome = await upWithKey();
    settings(openrouter.baseUrl);
    expectStop(
      outcome,
      "Instance default is deployed, but the check failed",
      "Nothing listens at 127.0.0.1:18299",
    );
    expect(vault.key()).toBe(key);
    await host.mustRun(["up"]);
    expect(vault.key()).toBe(key);
  });

  test("the user's own VAULT_, TF_ and DOCKER_ environment changes nothing", async () => {
    const started = vault.started();
    const { stdout } = await host.mustRun(["up", "--json"], {
      VAULT_ADDR: "http://127.0.0.1:1",
      VAULT_TOKEN: "theirs",
      VAULT_NAMESPACE: "theirs",
      VAULT_CACERT: "/nowhere",
      TERRAFORM_VAULT_TOKEN_FILENAME: "/nowhere",
      TF_CLI_ARGS: "-no-such-option",
      TF_CLI_ARGS_plan: "-destroy",
      TF_WORKSPACE: "theirs",
      TF_DATA_DIR: "/nowhere",
      TF_VAR_openrouter_api_key: newKey(),
      TF_VAR_other: "theirs",
      DOCKER_CONTEXT: "theirs",
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: "/nowhere",
      DOCKER_API_VERSION: "1.12",
    });
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, check: { outcome: "warn" } });
    expect(vault.started()).toBe(started);
    expect(vault.key()).toBe(key);
  });

  test("of two ups at once one stops, naming the other", async () => {
    const first = host.start(["up"]);
    await until(() => lockedBy(home.lock) === first.pid, "the first one's lock");
    process.kill(first.pid, "SIGSTOP");
    expectStop(await host.run(["up"]), `pid ${first.pid} on`, "Wait for it to end");
    process.kill(first.pid, "SIGCONT");
    expect(await first.outcome).toMatchObject({ code: 0 });
  });

  testInFull("a paused container is continued, not replaced", async () => {
    const started = vault.started();
    host.pause("vault");
    await host.mustRun(["up"]);
    expect(vault.started()).toBe(started);
  });

  testInFull("more memory in the settings, and less again: the same container gets it", async () => {
    const started = vault.started();
    const memory = () => host.docker("inspect", "-f", "{{.HostConfig.Memory}}", "vault");
    for (const memoryMegabytes of [640, 512]) {
      host.writeSettings("default", {
        openrouter: { baseUrl: openrouter.baseUrl },
        vault: { memoryMegabytes },
      });
      await host.mustRun(["up"]);
      expect(memory()).toBe(String(memoryMegabytes * 2 ** 20));
    }
    expect(vault.started()).toBe(started);
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed; the check passed.");
    settings(openrouter.baseUrl);
  });

  testInFull(
    "another port in the settings, and the first again: Vault moves, with all that is in it",
    async () => {
      const on = (port: number) =>
        host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl }, vault: { port } });
      const server = createServer((socket) => socket.destroy()).listen(8300, "127.0.0.1");
      await new Promise((listening) => server.once("listening", listening));
      on(8300);
      expectStop(await host.run(["up"]), "Port 8300 on 127.0.0.1 is taken", `(pid ${process.pid})`);
      await new Promise((closed) => server.close(closed));
      for (const port of [8300, 8200]) {
        on(port);
        await host.mustRun(["up"]);
        expect(host.docker("port", "vault")).toBe(`8200/tcp -> 127.0.0.1:${port}`);
        expect(vault.key()).toBe(key);
      }
      settings(openrouter.baseUrl);
    },
  );

  testInFull("sealed, and the shares are missing: a stop, and all is well once they are back", async () => {
    const aside = join(host.folder, "shares.json");
    renameSync(home.shares, aside);
    host.docker("restart", "vault");
    expectStop(await host.run(["up"]), "its unseal key shares are not on this host", home.shares);
    expect(existsSync(home.shares)).toBe(false);
    renameSync(aside, home.shares);
    await host.mustRun(["up"]);
    expect(vault.key()).toBe(key);
  });

  testInFull("our own container is not in the state: it is re-created, over the same data", async () => {
    const [id] = vault.started().split(" ");
    expect(forgetInState("vault", "docker_container")).toHaveLength(1);
    await host.mustRun(["up"]);
    expect(vault.started().split(" ")[0]).not.toBe(id);
    expect(vault.key()).toBe(key);
  });

  testInFull(
    "mount and audit device are not in the state: they are taken over, with all that lies there",
    async () => {
      const other = { path: "secret/data/other", body: { data: { theirs: "kept" } } };
      await vault.asRoot((root) => root.call({ method: "POST", ...other }, z.unknown()));
      const forgotten = forgetInState("openrouter", "vault_mount", "vault_audit", "vault_kv_secret_v2");
      expect(forgotten).toHaveLength(3);
      await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
      expect(stateAddresses("openrouter")).toEqual(expect.arrayContaining(forgotten));
      const read = await vault.asRoot((root) => root.call({ path: other.path }, z.any()));
      expect(read.data.data).toEqual(other.body.data);
      expect(vault.key()).toBe(key);
      expect((await host.mustRun(["up"])).stderr).toContain("nothing changed; the check passed.");
    },
  );

  function stateAddresses(stack: StackName): string[] {
    const list = execFileSync("terraform", ["state", "list", `-state=${home.state(stack)}`], {
      encoding: "utf8",
    });
    return list.split("\n").filter(Boolean);
  }

  /** As where a run was interrupted between what it made and Terraform's note of it. @returns the addresses */
  function forgetInState(stack: StackName, ...types: string[]): string[] {
    const addresses = stateAddresses(stack).filter((address) => types.includes(address.split(".")[0] ?? ""));
    execFileSync("terraform", ["state", "rm", `-state=${home.state(stack)}`, ...addresses], {
      stdio: "pipe",
    });
    return addresses;
  }

  testInFull("Ctrl-C while Terraform works: exit 130, and the next up ends it", async () => {
    const shares = readFileSync(home.shares);
    host.docker("rm", "-f", "vault");
    const running = host.start(["up"]);
    await until(() => running.said().includes("✔ Key"), "the beginning of Terraform's phase");
    await until(() => tree(running.pid).length > 1, "Terraform");
    process.kill(running.pid, "SIGINT");
    const { code, stderr } = await running.outcome;
    expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringContaining("Interrupted") });
    expect(lockedBy(home.lock)).toBeUndefined();
    await host.mustRun(["up"]);
    expect(vault.key()).toBe(key);
    expect(readFileSync(home.shares)).toEqual(shares);
  });
});

describeInFull("an up that is interrupted, and the next one", () => {
  const host = new TestHost();
  const home = host.home("sandbox");
  const vault = new TestVault(host, "sandbox", "openclaw-sandbox-vault", 18200);
  /** Milliseconds of a first up on this machine; the image is there, from the tests above. */
  let whole = 0;

  afterAll(() => host.remove());
  beforeAll(async () => {
    const begin = Date.now();
    await host.mustRun(["up"]);
    whole = Date.now() - begin;
  });
  beforeEach(() => forget());

  /** As before the first deploy. */
  function forget(): void {
    host.docker("rm", "-f", vault.container);
    for (const name of host.docker("volume", "ls", "-q").split("\n").filter(Boolean))
      host.docker("volume", "rm", name);
    for (const name of host
      .docker("network", "ls", "-q", "--filter", "type=custom")
      .split("\n")
      .filter(Boolean))
      host.docker("network", "rm", name);
    rmSync(home.root, { recursive: true, force: true });
  }

  async function expectNextUpEndsIt(): Promise<void> {
    const shares = existsSync(home.shares) ? readShares(home.shares)?.shares : undefined;
    const sandboxKey = existsSync(home.sandboxKey) ? readFileSync(home.sandboxKey, "utf8").trim() : undefined;
    await host.mustRun(["up"]);
    if (shares) expect(readShares(home.shares)?.shares).toEqual(shares);
    if (sandboxKey) expect(vault.key()).toBe(sandboxKey);
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed; the check passed.");
  }

  type Cut = (running: Running) => void;
  const cuts: [string, Cut, number | null][] = [
    ["Ctrl-C", ({ pid }) => process.kill(pid, "SIGINT"), 130],
    ["SIGKILL of up alone, whose children go on", ({ pid }) => process.kill(pid, "SIGKILL"), null],
  ];

  test.each(cuts)("in the bootstrap: %s", async (_name, cut, expected) => {
    const running = host.start(["up"]);
    await until(() => existsSync(home.initPending) || existsSync(home.shares), "the initialization");
    const others = tree(running.pid).slice(1);
    cut(running);
    expect(await running.outcome).toMatchObject({ code: expected });
    if (others.some(isRunning)) {
      const next = await host.run(["up"]);
      if (next.code !== 0) expect(next.stderr).toMatch(/Another run is working|state lock/);
    }
    await until(() => !others.some(isRunning), "the end of what it had started");
    await expectNextUpEndsIt();
  });

  const seed = Number(process.env.TEST_SEED ?? 20261123);
  const moments = randomMoments(seed, 15);

  test.each(moments)(`SIGKILL after %d of its time (seed ${seed})`, async (moment) => {
    const running = host.start(["up"]);
    const timer = new Promise((resolve) => setTimeout(resolve, moment * whole));
    await Promise.race([timer, running.outcome]);
    killTree(running.pid);
    await running.outcome;
    await expectNextUpEndsIt();
  });
});

/** Parts of a whole, from 0 to 1: the same ones for the same seed (mulberry32). */
function randomMoments(seed: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.round((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * 1000) / 1000;
  });
}
