import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { processStart } from "../../../lib/core/system/live-process";
import { EngineApi } from "../../../lib/docker/engine-api";
import { type TestHost, until } from "./host";

type StartAgain = (extra?: NodeJS.ProcessEnv) => Promise<void>;

/**
 * Kills the tests' engine by SIGKILL, as a crash does. Whoever calls this starts it again.
 * @returns starts it again, as it was started before but for what is given of its environment
 */
export function killEngine(host: TestHost): Promise<StartAgain> {
  return stopEngine(host, "SIGKILL");
}

/** The same by any signal. */
export async function stopEngine(host: TestHost, signal: NodeJS.Signals): Promise<StartAgain> {
  const socket = host.engine.replace("unix://", "");
  const folder = dirname(socket);
  const pid = Number(readFileSync(join(folder, "engine/pid"), "utf8"));
  const [command = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  process.kill(pid, signal);
  await until(() => processStart(pid) === undefined, "the engine's end");
  return async (extra = {}) => {
    // The engine's own containerd ended with it. Where nobody waits for ended processes, it would be taken for a living one.
    rmSync(join(folder, "engine/exec/containerd/containerd.pid"), { force: true });
    const log = openSync(join(folder, "dockerd.log"), "a");
    spawn(command, args, {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...extra, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      detached: true,
    }).unref();
    closeSync(log);
    const api = new EngineApi(socket);
    for (let attempt = 0; ; attempt++) {
      try {
        await api.info();
        return;
      } catch (error) {
        if (attempt > 1200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
}
