import { createHash } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { silent } from "../../lib/core/progress";
import { asUserError } from "../../lib/core/refused";
import {
  engineError,
  engineUnit,
  findEngine,
  loopbackRule,
  loopbackWarning,
  reachEngine,
} from "../../lib/docker/engine";
import { EngineApi } from "../../lib/docker/engine-api";
import { ensureEngine, installEngine } from "../../lib/docker/engine-install";
import { locateEngine, socketsHere } from "../../lib/docker/engine-locate";
import { FakeEngine, failure, scratchFolder, script, write } from "../host/support";
import { testAsRoot } from "../support/skip";

const root = scratchFolder();

function withContext(name: string, host: string, current = name): NodeJS.ProcessEnv {
  const home = join(root, `home-${name}`);
  const digest = createHash("sha256").update(name).digest("hex");
  write(join(home, ".docker/config.json"), JSON.stringify({ currentContext: current, auths: {} }));
  write(
    join(home, `.docker/contexts/meta/${digest}/meta.json`),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  return { HOME: home };
}

describe("where the engine is looked for", () => {
  test("DOCKER_HOST comes before the context, the context before the default socket", () => {
    const env = withContext("work", "unix:///run/work.sock");
    expect(locateEngine({ ...env, DOCKER_HOST: "unix:///run/other.sock" }).socket).toBe("/run/other.sock");
    expect(locateEngine(env).socket).toBe("/run/work.sock");
    expect(locateEngine({ HOME: join(root, "nobody") })).toMatchObject({
      socket: "/var/run/docker.sock",
      isDefault: true,
    });
    expect(locateEngine({ ...env, DOCKER_CONTEXT: "default" }).socket).toBe("/var/run/docker.sock");
  });

  test("DOCKER_CONTEXT and DOCKER_CONFIG are heeded as the docker CLI does", () => {
    const env = withContext("second", "unix:///run/second.sock", "default");
    expect(locateEngine({ ...env, DOCKER_CONTEXT: "second" }).socket).toBe("/run/second.sock");
    expect(
      locateEngine({ DOCKER_CONFIG: join(env.HOME ?? "", ".docker"), DOCKER_CONTEXT: "second" }).socket,
    ).toBe("/run/second.sock");
  });

  test("another host is refused, by what named it and without its password", async () => {
    const byVariable = await failure(() => locateEngine({ DOCKER_HOST: "ssh://me:hunter2@far" }));
    expect(byVariable).toContain("DOCKER_HOST names");
    expect(byVariable).toContain("ssh://me:…@far");
    expect(byVariable).not.toContain("hunter2");
    const byContext = await failure(() => locateEngine(withContext("far", "tcp://far:2376")));
    expect(byContext).toContain('context "far"');
    expect(byContext).toContain("docker context use default");
  });

  test("tcp:// to this host is reported as what it is, with the socket to use", async () => {
    for (const host of ["tcp://127.0.0.1:2375", "tcp://localhost:2376"]) {
      const message = await failure(() => locateEngine({ DOCKER_HOST: host }));
      expect(message).toContain("by TCP");
      expect(message).toContain("export DOCKER_HOST=unix:///");
      expect(message).not.toContain("not on this host");
    }
  });

  test("the sockets of this host are found: the system's, and the user's own", async () => {
    const [system, rootless] = [join(root, "system.sock"), join(root, "runtime/docker.sock")];
    write(join(root, "runtime/other"), "");
    const servers = await Promise.all(
      [system, rootless].map(async (path) => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(path, resolve));
        return server;
      }),
    );
    const env = { HOME: join(root, "nobody"), XDG_RUNTIME_DIR: join(root, "runtime") };
    expect(socketsHere(env, [system])).toEqual([system, rootless]);
    expect(socketsHere({ ...env, XDG_RUNTIME_DIR: root }, [join(root, "none.sock")])).toEqual([]);
    for (const server of servers) server.close();
  });

  testAsRoot(
    "root neither uses nor is offered the socket of another user; a group of its own is normal",
    async () => {
      const socket = join(root, "theirs/docker.sock");
      write(join(root, "theirs/other"), "");
      const server = createServer().unref();
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      const env = { HOME: join(root, "nobody"), XDG_RUNTIME_DIR: join(root, "theirs") };
      chownSync(socket, 0, 65_534);
      expect(locateEngine({ DOCKER_HOST: `unix://${socket}` })).toMatchObject({ socket });
      expect(socketsHere(env, [])).toEqual([socket]);
      chownSync(socket, 65_534, 65_534);
      for (const theirs of [{ DOCKER_HOST: `unix://${socket}` }, withContext("theirs", `unix://${socket}`)])
        expect(await failure(() => locateEngine(theirs))).toMatch(
          /belongs to uid 65534.*Run this as that user, or `(unset DOCKER_HOST|docker context use default)`/s,
        );
      expect(socketsHere(env, [])).toEqual([]);
      server.close();
    },
  );

  testAsRoot("nor one that another user could exchange or place later, wherever it leads", async () => {
    const [folder, socket] = [join(root, "exchanging"), join(root, "roots.sock")];
    mkdirSync(folder);
    const server = createServer().unref();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    symlinkSync(socket, join(folder, "docker.sock"));
    const env = { HOME: join(root, "nobody"), XDG_RUNTIME_DIR: folder };
    expect(socketsHere(env, [])).toEqual([join(folder, "docker.sock")]);
    chownSync(folder, 65_534, 65_534);
    for (const name of ["docker.sock", "later.sock", "later/docker.sock"]) {
      const named = { DOCKER_HOST: `unix://${join(folder, name)}` };
      expect(await failure(() => locateEngine(named))).toContain(`${folder} belongs to uid 65534`);
    }
    expect(socketsHere(env, [])).toEqual([]);
    server.close();
  });

  test("nor is a context heeded that another user could write", async () => {
    const env = withContext("open", "unix:///run/open.sock", "open");
    const metas = join(env.HOME ?? "", ".docker/contexts/meta");
    chmodSync(metas, 0o777);
    expect(await failure(() => locateEngine(env))).toMatch(
      /Docker's context.*another user could replace.*meta, which everybody can write to/s,
    );
  });

  test("a context that is not there is reported, not passed over", async () => {
    const env = withContext("known", "unix:///run/known.sock", "unknown");
    expect(await failure(() => locateEngine(env))).toContain('"unknown"');
  });
});

describe("what is found there", () => {
  test("an engine that answers", async () => {
    const fake = await new FakeEngine(join(root, "running.sock")).listen();
    const found = await findEngine({ DOCKER_HOST: `unix://${fake.socket}` });
    await fake.close();
    expect(found).toMatchObject({
      state: "running",
      engine: { id: "ENGINE-ONE /data", version: "28.1.0", host: `unix://${fake.socket}` },
    });
  });

  test("one that answers, without asking what it is", async () => {
    const fake = await new FakeEngine(join(root, "reached.sock")).listen();
    const found = await reachEngine({ DOCKER_HOST: `unix://${fake.socket}` });
    await fake.close();
    expect(found).toMatchObject({ state: "running", engine: { host: `unix://${fake.socket}` } });
    expect(found).not.toHaveProperty("engine.version");
  });

  test("Podman is named as Podman", async () => {
    const fake = new FakeEngine(join(root, "podman.sock"));
    fake.headers = { "Libpod-API-Version": "5.4.2" };
    await fake.listen();
    const env = { DOCKER_HOST: `unix://${fake.socket}` };
    const messages = [await failure(() => findEngine(env)), await failure(() => reachEngine(env))];
    await fake.close();
    for (const message of messages) expect(message).toContain("Podman answers at this socket");
  });

  test("installed or not, where nothing answers", async () => {
    const env = { DOCKER_HOST: `unix://${join(root, "nothing.sock")}`, PATH: join(root, "bin") };
    script(join(root, "bin/dockerd"), "exit 1");
    expect(await findEngine(env)).toMatchObject({ state: "stopped", daemon: join(root, "bin/dockerd") });
  });

  test("something else at the socket", async () => {
    const socket = join(root, "other.sock");
    const server = createServer((client) => client.end("220 mail\r\n"));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const env = { DOCKER_HOST: `unix://${socket}` };
    const found = [await findEngine(env), await reachEngine(env)];
    server.close();
    expect(found.map(({ state }) => state)).toEqual(["broken", "broken"]);
  });

  test("an engine that was named and does not answer is neither installed nor started", async () => {
    let asked = false;
    const message = await failure(() =>
      ensureEngine({
        env: { DOCKER_HOST: `unix://${join(root, "nothing.sock")}`, PATH: join(root, "bin") },
        confirm: async () => {
          asked = true;
          return true;
        },
      }),
    );
    expect(asked).toBe(false);
    expect(message).toContain("DOCKER_HOST");
  });
});

describe("installing the engine by apt", () => {
  /** An apt-get that notes how it is called. @param body what it does then */
  function withApt(body: string) {
    const folder = mkdtempSync(join(root, "apt-"));
    script(join(folder, "apt-get"), `cd "${folder}"\necho "$@" >> called\n${body}`);
    const calls = () => readFileSync(join(folder, "called"), "utf8").trim().split("\n");
    const install = () => installEngine(silent, { PATH: `${folder}:/usr/bin:/bin` }, undefined, 10);
    return { install, calls };
  }

  test("removes no package, such as the containerd.io of a Kubernetes node, and asks dpkg's questions of nobody", async () => {
    const { install, calls } = withApt("exit 0");
    await install();
    expect(calls()).toEqual(["update", expect.stringMatching(/^install .*--no-remove .*--force-confold /)]);
  });

  test("waits while another program, such as the updates of a new host, holds a lock", async () => {
    const { install, calls } = withApt(`[ $(wc -l < called) -gt 3 ] && exit 0
echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)" >&2\nexit 100`);
    await install();
    expect(calls().map((call) => call.split(" ")[0])).toEqual([
      "update",
      "update",
      "update",
      "update",
      "install",
    ]);
  });

  test("goes on without a source that does not answer", async () => {
    const { install } = withApt('[ "$1" = install ]');
    await expect(install()).resolves.toBeUndefined();
  });

  test("tells what failed, and what would have been removed", async () => {
    const { install } = withApt(`if [ "$1" = install ]; then
printf 'The following packages will be REMOVED:\\n  containerd.io\\nThe following NEW packages\\n'
echo "E: Packages need to be removed but remove is disabled." >&2; else echo "E: no cdrom" >&2; fi\nexit 100`);
    const message = await failure(install);
    expect(message).toMatch(
      /update: E: no cdrom\n.*install: The following.*REMOVED:\n +containerd\.io\n *E: Packages/,
    );
  });
});

test("a call that is not answered in time is reported with the call and a fix", async () => {
  const socket = join(root, "silent.sock");
  const clients: Socket[] = [];
  const server = createServer((client) => clients.push(client));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const error = await new EngineApi(socket)
    .call("POST", "/containers/vault/start", { timeout: 200 })
    .then(() => undefined, asUserError);
  for (const client of clients) client.destroy();
  server.close();
  expect(error?.props.problem).toContain("POST /containers/vault/start: no answer within 0.2 s");
  expect(error?.props.fix).toContain("journalctl -u docker");
});

test("each state has its own fix", () => {
  const location = { socket: "/var/run/docker.sock", namedBy: "the default socket", isDefault: true };
  expect(engineError({ state: "absent", location }).message).toContain("apt-get install -y docker.io");
  expect(engineError({ state: "stopped", location, daemon: "/usr/sbin/dockerd" }).message).toMatch(
    /systemctl enable --now docker|dockerd >/,
  );
  expect(engineError({ state: "forbidden", location }).message).toMatch(
    /usermod -aG docker \S+\n\s+then log out and in/,
  );
  const own = "/run/user/1000/docker.sock";
  for (const state of ["absent", "forbidden"] as const)
    expect(engineError({ state, location }, [own]).message).toContain(`export DOCKER_HOST=unix://${own}`);
  expect(engineUnit("/snap/docker/current/bin/dockerd")).toBe("snap.docker.dockerd");
  expect(engineUnit("/usr/sbin/dockerd")).toBe("docker");
});

test("engines before 28 bring a warning with the rule that closes the hole", () => {
  const warning = (version: string, isRootless = false) => loopbackWarning({ version, isRootless });
  expect(warning("27.5.1")).toContain(loopbackRule);
  expect(warning("20.10.24+dfsg1")).toContain("20.10.24");
  expect(warning("28.0.0")).toBeUndefined();
  expect(warning("27.5.1", true)).toBeUndefined();
});
