import { spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors";
import { readOrEmpty } from "../core/files/files";
import { poll } from "../core/poll";
import { type Progress, silent } from "../core/progress";
import { cacheRoot } from "../core/system/cache-root";
import { childEnvironment } from "../core/system/environment";
import { findProgram } from "../core/system/find-program";
import { type RunResult, run } from "../core/system/process";
import { type Engine, engineError, engineUnit, findEngine, systemdRuns } from "./engine";

/** A change to the host that an engine needs. */
type EngineStep = "install" | "start";

/** Asks the person at the terminal, or decides if there is none: an installed engine stays after the run. */
export type Confirm = (question: string, step: EngineStep) => Promise<boolean>;

interface EngineOptions {
  readonly confirm: Confirm;
  readonly progress?: Progress;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/**
 * The local Docker Engine. If necessary it is started, or installed and started, but only as root and after a confirmation.
 * @throws UserError with the exact commands if that is not possible or not confirmed
 */
export async function ensureEngine(options: EngineOptions): Promise<Engine> {
  const env = options.env ?? process.env;
  const found = await findEngine(env);
  if (found.state === "running") return found.engine;
  const fixable = (found.state === "absent" || found.state === "stopped") && found.location.isDefault;
  if (!fixable || process.getuid?.() !== 0) throw engineError(found);

  const progress = options.progress ?? silent;
  const isAbsent = found.state === "absent";
  if (isAbsent && !hasApt(env)) throw engineError(found);
  const isConfirmed = await (isAbsent
    ? options.confirm(
        "There is no Docker Engine on this host. Install Debian's docker.io and start it?",
        "install",
      )
    : options.confirm("Docker Engine is installed and does not run. Start it?", "start"));
  if (!isConfirmed) throw engineError(found);
  if (isAbsent) await installEngine(progress, env, options.signal);
  return start(options, progress, env);
}

function hasApt(env: NodeJS.ProcessEnv): boolean {
  const system = readOrEmpty("/etc/os-release");
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(system) && findProgram("apt-get", env.PATH) !== undefined;
}

/** How long other programs may work with packages, as a new host does that updates itself, in milliseconds. */
const aptPatience = 10 * 60_000;

/**
 * Installs Debian's or Ubuntu's package of the engine. It removes no other package, and keeps the configuration of an earlier
 * engine.
 * @param pause the pause between two attempts while another program works with packages, in milliseconds
 * @throws UserError if apt-get fails
 */
export async function installEngine(
  progress: Progress,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
  pause = 5000,
): Promise<void> {
  const aptGet = async (...args: string[]) => {
    const result = await runWhenFree(args, pause, { progress, env, signal });
    signal?.throwIfAborted();
    return { ...result, args };
  };
  const updated = await aptGet("update");
  // One source that does not answer, or is a disc, fails it. The package can be in the others.
  const installed = await aptGet("install", "-y", "--no-remove", ...keepsConfiguration, "docker.io");
  if (installed.exitCode === 0) return;
  const failed = [updated, installed].filter(({ exitCode }) => exitCode !== 0);
  throw new UserError({
    problem: "Docker Engine could not be installed.",
    got: failed.map(whyNot).join("\n"),
    expected: "the package docker.io, without the removal of another one",
    fix: "Fix what apt-get reports and run this again, or install it another way: https://docs.docker.com/engine/install/",
  });
}

/** Of an engine that was removed, its files are left, about which dpkg would ask on a terminal that it does not have. */
const keepsConfiguration = ["-o", "Dpkg::Options::=--force-confold"];

/** Runs apt-get, again and again while another program holds its locks: `apt-get update` cannot wait for them. */
async function runWhenFree(
  args: readonly string[],
  pause: number,
  { progress, env, signal }: { progress: Progress; env: NodeJS.ProcessEnv; signal: AbortSignal | undefined },
): Promise<RunResult> {
  const apt = findProgram("apt-get", env.PATH) ?? "apt-get";
  const environment = childEnvironment({ DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" }, env);
  let last: RunResult | undefined;
  const attempt = async () => {
    progress(`engine: apt-get ${args.join(" ")}`);
    last = await run(apt, args, {
      env: environment,
      onLine: (line) => progress(`engine: apt-get ${args[0]}: ${line.slice(0, 100)}`),
      signal,
    });
    return last.exitCode !== 0 && last.stderr.includes("Could not get lock") ? undefined : last;
  };
  return (await poll(attempt, { every: pause, timeout: aptPatience, signal })) ?? last!;
}

function whyNot({ args, failure, stdout, stderr }: RunResult & { readonly args: readonly string[] }): string {
  const removed = /^The following packages will be REMOVED:\n(?: .*\n?)+/m.exec(stdout)?.[0] ?? "";
  const said = failure ?? stderr.trim().split("\n").slice(-6).join("\n");
  return `apt-get ${args[0]}: ${removed}${said}`;
}

async function start(options: EngineOptions, progress: Progress, env: NodeJS.ProcessEnv): Promise<Engine> {
  // The package's scripts may have started it.
  const found = await findEngine(env);
  if (found.state === "running") return found.engine;
  if (found.state !== "stopped") throw engineError(found);

  progress("engine: starting it");
  const log = systemdRuns()
    ? await startBySystemd(engineUnit(found.daemon), env)
    : startDaemon(found.daemon, env);
  const started = async () => {
    const now = await findEngine(env);
    return now.state === "running" ? now.engine : undefined;
  };
  const engine = await poll(started, { every: 300, timeout: 60_000, signal: options.signal });
  if (engine) return engine;
  throw new UserError({
    problem: "Docker Engine was started but does not answer.",
    got: `nothing at ${found.location.socket}`,
    fix: `See ${log}.`,
  });
}

/** @returns the command that shows its log */
async function startBySystemd(unit: string, env: NodeJS.ProcessEnv): Promise<string> {
  const result = await run("systemctl", ["enable", "--now", unit], { env: childEnvironment({}, env) });
  if (result.exitCode === 0) return `\`journalctl -u ${unit}\``;
  throw new UserError({
    problem: "Docker Engine could not be started.",
    got: `systemctl enable --now ${unit}: ${result.failure ?? result.stderr.trim()}`,
    fix: `See its log: journalctl -u ${unit}`,
  });
}

/** Starts the daemon in a session of its own, so that it outlives this command and its terminal. */
function startDaemon(daemon: string, env: NodeJS.ProcessEnv): string {
  const { file, path } = openLog(env);
  const environment = childEnvironment({}, env);
  const child = spawn(daemon, [], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", file, file],
    // It calls iptables, which may not be on the PATH of a root shell from `su`.
    env: { ...environment, PATH: `${environment.PATH}:/usr/local/sbin:/usr/sbin:/sbin` },
  });
  // If the daemon cannot be started, it does not answer, and the caller reports that.
  child.on("error", () => {});
  child.unref();
  return path;
}

function openLog(env: NodeJS.ProcessEnv): { file: number; path: string } {
  for (const folder of ["/var/log", cacheRoot(env)]) {
    const path = join(folder, "dockerd.log");
    try {
      mkdirSync(folder, { recursive: true });
      return { file: openSync(path, "a", 0o600), path };
    } catch {
      // Try the next folder.
    }
  }
  throw new UserError({
    problem: "The engine's log cannot be written.",
    got: `/var/log and ${cacheRoot(env)}`,
    fix: "Make one of the two writable, and make room on its disk.",
  });
}
