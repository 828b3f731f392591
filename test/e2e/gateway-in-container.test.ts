import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { describeUnless, testUnless } from "../support/skip";
import { dockerCompose } from "./support/compose";
import { stopEngine } from "./support/engine";
import { isFull } from "./support/full";
import { gatewayImage, gatewayUser, LoopbackRelay, makeGatewayImage } from "./support/gateway-container";
import { TestHost, until } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

const installed = process.env.TEST_OPENCLAW;
const reason = installed ? undefined : "the real OpenClaw is not installed";
const primary = "anthropic/claude-sonnet-5";
const mount = ["-v", "vault-socket:/run/openclaw-vault:ro"];
const resolver = "/home/node/.openclaw/openclaw-openrouter/resolver.cjs";
const request = '{"protocolVersion":1,"provider":"x","ids":["openrouter/api_key"]}';

const compose = isFull && installed ? dockerCompose() : undefined;

describeUnless(isFull ? reason : "only in npm run test:full")("the real gateway in a container", () => {
  const host = new TestHost();
  const [key, rotated] = [newKey(), newKey()];
  // The container's user must reach it, as it reaches /home.
  const place = join(tmpdir(), `gateway-${process.pid}`);
  const folder = join(place, ".openclaw");
  let openrouter: LocalOpenRouter;
  let relay: LoopbackRelay;
  jest.setTimeout(600_000);

  beforeAll(async () => {
    mkdirSync(place, { mode: 0o755 });
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, "openclaw.json"), '{ gateway: { mode: "local" } }\n', { mode: 0o600 });
    for (const path of [folder, join(folder, "openclaw.json")]) chownSync(path, gatewayUser, gatewayUser);
    openrouter = await localOpenRouter(key, rotated);
    relay = new LoopbackRelay(host, openrouter.port);
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      openclaw: { folder },
    });
    makeGatewayImage(host, installed ?? "");
  });
  afterAll(async () => {
    relay.close();
    await openrouter.close();
    host.remove();
    rmSync(place, { recursive: true, force: true });
  });

  const run = (name: string, options: readonly string[], ...command: string[]) =>
    host.docker("run", "-d", "--name", name, ...options, gatewayImage, ...command);
  const folderMount = ["-v", `${folder}:/home/node/.openclaw`];
  const environment = ["-e", "OPENCLAW_OFFLINE=1", "-e", "OPENCLAW_GATEWAY_TOKEN=token-of-the-test"];
  /** Starts the gateway as the official image is started. */
  async function start(...more: string[]): Promise<void> {
    run("openclaw", [...folderMount, ...environment, ...more]);
    await listening();
  }
  /** Waits until it serves, and gives it the test's OpenRouter. */
  async function listening(): Promise<void> {
    await relay.into("openclaw");
    const since = host.docker("inspect", "--format", "{{.State.StartedAt}}", "openclaw");
    const logs = () => host.docker("logs", "--since", since, "openclaw");
    await until(() => logs().includes("http server listening"), "the gateway", 120);
  }
  /** Not by force: one that is killed while it starts leaves a lock of five minutes. */
  const remove = () => {
    host.docker("stop", "openclaw");
    host.docker("rm", "openclaw");
  };
  const idle = ["node", "-e", "setInterval(() => {}, 1000)"];
  /** Re-creates the container with other options, and a program that only waits. */
  const recreateIdle = (...options: string[]) => {
    host.docker("rm", "-f", "openclaw");
    run("openclaw", [...folderMount, ...options], ...idle);
  };
  /** A turn of the running gateway. OpenRouter is this process's, so it does not wait for the turn. */
  async function turn(session: string): Promise<void> {
    const args = ["--session-id", session, "--message", "Reply OK", "--json", "--timeout", "120"];
    const turned = host.startCommand("docker", ["exec", "openclaw", "openclaw", "agent", ...args]);
    expect(await turned.outcome).toMatchObject({ code: 0 });
  }
  const resolve = (container: string, user: string) =>
    host.docker(
      ...["exec", "-u", user, "-e", "VAULT_ADDR=unix:///run/openclaw-vault/vault.sock", container],
      ...["sh", "-c", `echo '${request}' | ${resolver}`],
    );
  const check = async (id = "openclaw.config") => {
    const { stdout } = await host.run(["check", "--only", id, "--json"]);
    return JSON.parse(stdout).results[0] as { status: string; summary: string; fix?: string };
  };
  const drifts = async () => {
    const { stdout } = await host.run(["drift", "--json"]);
    return (JSON.parse(stdout).findings as { id: string }[]).map(({ id }) => id);
  };
  /** The keys and models of the chats since the last call. */
  async function chats(): Promise<string[]> {
    const seen = (await openrouter.control.requests()).filter(({ path }) => path === "/chat/completions");
    await openrouter.control.clearRequests();
    return [
      ...new Set(seen.map(({ key: used, model, status }) => `${used?.fingerprint}, ${model}, ${status}`)),
    ];
  }
  const answered = (used: string) => [`${keyFingerprint(used)}, ${primary}, 200`];

  test("is found by the folder that it mounts, and told what to mount", async () => {
    await start();
    const { code, stderr } = await host.run(["up"], { OPENROUTER_API_KEY: key });
    expect(code).toBe(1);
    expect(stderr).toContain("OpenClaw's gateway runs in the container openclaw, as uid 1000.");
    expect(stderr).toContain("docker run: add  -v vault-socket:/run/openclaw-vault:ro");
    expect(await check()).toMatchObject({
      status: "fail",
      summary: expect.stringContaining("does not mount the volume vault-socket"),
      fix: expect.stringContaining("volumes: { vault-socket: { external: true } }"),
    });
    expect(readFileSync(join(folder, "openclaw-openrouter/resolver.cjs"), "utf8")).toMatch(
      /^#!\/usr\/local\/bin\/node\n/,
    );
  });

  test("gets the key by the mounted socket, and a chat is answered with it", async () => {
    remove();
    await start(...mount);
    expect(await check()).toMatchObject({ status: "pass" });
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
    await openrouter.control.clearRequests();
    await turn("first");
    expect(await chats()).toEqual(answered(key));
    expect(await drifts()).toEqual([]);
  });

  test("nothing secret is in its environment, configuration or image", () => {
    const secretId = readFileSync(join(folder, "openclaw-openrouter/secret_id"), "utf8").trim();
    const shown = [
      host.docker("inspect", "openclaw"),
      host.docker("image", "inspect", gatewayImage),
      host.docker("history", "--no-trunc", gatewayImage),
      host.docker("exec", "openclaw", "env"),
    ].join("\n");
    for (const secret of [key, secretId]) expect(shown).not.toContain(secret);
  });

  test("another container gets nothing: without the mount, or as another user with it", () => {
    run("unmounted", [...folderMount], ...idle);
    expect(resolve("unmounted", "1000")).toContain("mount the volume of Vault's socket there");
    run("stranger", mount, ...idle);
    const reach = `require("node:http").get({ socketPath: "/run/openclaw-vault/vault.sock", path: "/v1/sys/health" }).on("error", (error) => console.log(error.code))`;
    expect(host.docker("exec", "-u", "1001:1001", "stranger", "node", "-e", reach)).toBe("EACCES");
    host.docker("rm", "-f", "unmounted", "stranger");
  });

  test("works again by itself: re-created, and after the engine and Vault started again", async () => {
    remove();
    await start(...mount, "--restart", "unless-stopped");
    expect(await check()).toMatchObject({ status: "pass" });
    const startAgain = await stopEngine(host, "SIGTERM");
    await startAgain();
    await host.mustRun(["vault", "unseal"]);
    await until(() => host.docker("ps", "-q", "--filter", "name=openclaw") !== "", "the gateway");
    expect(await check()).toMatchObject({ status: "pass" });
  });

  test("a rotated key reaches the running gateway by `openclaw secrets reload` in it", async () => {
    await listening();
    await openrouter.control.clearRequests();
    await turn("second");
    expect(await chats()).toEqual(answered(key));
    // The command has a clean environment, without this test's DOCKER_HOST.
    const reload = `docker -H ${host.engine} exec openclaw openclaw secrets reload --timeout 60000`;
    await host.mustRun(["key", "rotate", "--key-stdin", "--reload", reload], {}, `${rotated}\n`);
    await openrouter.control.clearRequests();
    await turn("third");
    expect(await chats()).toEqual(answered(rotated));
  });

  testUnless(compose ? undefined : "apt does not have docker-compose")(
    "the example's compose file runs it, and its chats are answered",
    async () => {
      remove();
      const up = () =>
        compose?.(
          host,
          join(__dirname, "../../examples/gateway-in-container/compose.yaml"),
          {
            OPENCLAW_IMAGE: gatewayImage,
            OPENCLAW_GATEWAY_TOKEN: "token-of-the-test",
            OPENCLAW_CONFIG_DIR: folder,
          },
          ...["up", "-d"],
        );
      up();
      await listening();
      expect(await check()).toMatchObject({ status: "pass" });
      await openrouter.control.clearRequests();
      await turn("fourth");
      expect(await chats()).toEqual(answered(rotated));
      expect(await drifts()).toEqual([]);
    },
  );

  test.each<[string, string[], string]>([
    ["a writable mount", ["-v", "vault-socket:/run/openclaw-vault"], "mount of vault-socket"],
    ["another user", [...mount, "--user", "0:0"], "user"],
    ["no mount", [], "mount of vault-socket"],
  ])("drift tells of %s", async (_, options, field) => {
    recreateIdle(...options);
    expect(await drifts()).toContain(`openclaw.container:${field}`);
  });

  test("drift tells of a gateway that is gone, and of another container on the socket's volume", async () => {
    host.docker("rm", "-f", "openclaw");
    run("stranger", mount, ...idle);
    expect(await drifts()).toEqual(
      expect.arrayContaining(["openclaw.container", "volume.shared:vault-socket"]),
    );
    host.docker("rm", "-f", "stranger");
    recreateIdle(...mount);
    expect(await drifts()).toEqual([]);
  });

  test("the check tells of a gateway's container that is given the engine", async () => {
    expect(await check("openclaw.user")).toMatchObject({ status: "pass" });
    recreateIdle(...mount, "-v", `${host.engine.replace("unix://", "")}:/var/run/docker.sock`);
    expect(await check("openclaw.user")).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("the Docker Engine's socket"),
    });
  });

  test("a purge changes nothing while the gateway mounts the socket's volume", async () => {
    const { code, stderr } = await host.run(["destroy", "--purge", "--yes"]);
    expect(code).toBe(1);
    expect(stderr).toContain("The container openclaw, OpenClaw's gateway, mounts the volume vault-socket");
    expect(host.docker("ps", "-q", "--filter", "name=vault")).not.toBe("");
    host.docker("rm", "-f", "openclaw");
    await host.mustRun(["destroy", "--purge", "--yes"]);
    expect(host.docker("volume", "ls", "-q")).toBe("");
  });
});
