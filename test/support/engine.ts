import { execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processStart } from "../../lib/core/system/live-process";
import { EngineApi } from "../../lib/docker/engine-api";

/** A Docker Engine of the tests' own, in a network namespace whose ports are nobody else's. */
export interface TestEngine {
  /** The command line before a command that is to run in that namespace. */
  readonly namespace: readonly string[];
  /** What a test process needs to find it. */
  readonly environment: Record<string, string>;
  stop(): Promise<void>;
}

/**
 * @param folder where its data, log and socket lie
 * @param name of the network namespace. A run that was killed leaves its own, so a pid alone is no name
 * @throws Error with the engine's log where it does not come up
 */
export async function startTestEngine(folder: string, name: string): Promise<TestEngine> {
  const socket = join(folder, "docker.sock");
  const log = join(folder, "dockerd.log");
  const data = join(folder, "engine");
  mkdirSync(data, { recursive: true });
  execFileSync("ip", ["netns", "add", name]);
  execFileSync("ip", ["netns", "exec", name, "ip", "link", "set", "lo", "up"]);
  // Not `ip netns exec`: it mounts a /sys of its own, which hides the control groups from the engine.
  const namespace = ["nsenter", `--net=/var/run/netns/${name}`];
  const out = openSync(log, "a");
  const args = [
    "--data-root",
    join(data, "data"),
    "--exec-root",
    join(data, "exec"),
    "--pidfile",
    join(data, "pid"),
  ];
  const daemon = spawn("nsenter", [...namespace.slice(1), "dockerd", ...args, "-H", `unix://${socket}`], {
    stdio: ["ignore", out, out],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    // A Ctrl-C at the terminal is the runner's: it stops the engine last.
    detached: true,
  });
  closeSync(out);
  const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
  const stop = async () => {
    daemon.kill("SIGTERM");
    await ended;
    await stopSuccessor(data);
    await unmountLeft(data);
    execFileSync("ip", ["netns", "delete", name]);
  };
  const api = new EngineApi(socket);
  for (let attempt = 0; attempt < 1200; attempt++) {
    if (daemon.exitCode !== null) break;
    try {
      await api.info();
      return {
        namespace,
        stop,
        environment: {
          TEST_ENGINE: `unix://${socket}`,
          TEST_FOLDER: folder,
          TEST_NAMESPACE: name,
          TEST_OUTSIDE: String(process.pid),
        },
      };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await stop();
  throw new Error(`the tests' Docker Engine did not come up:\n${readFileSync(log, "utf8").slice(-2000)}`);
}

/** Stops the engine that a test has put instead of one that it killed. */
async function stopSuccessor(data: string): Promise<void> {
  const pidFile = join(data, "pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8"));
  const started = processStart(pid);
  if (started === undefined) return;
  process.kill(pid, "SIGTERM");
  while (isAlive(pid, started)) await new Promise((resolve) => setTimeout(resolve, 50));
}

/**
 * Takes away what an engine left mounted: one that was killed cannot, and its successor does not.
 * @param data the folder of all its data; no engine works there now
 */
export async function unmountLeft(data: string): Promise<void> {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const left = mounts.map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(`${data}/`));
  for (const path of left.reverse()) await unmount(path);
}

/** Waits for what is still leaving: a container's shim holds the folder for a moment longer than the engine lives. */
async function unmount(path: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (spawnSync("umount", [path], { stdio: "ignore" }).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  execFileSync("umount", [path]);
}
