import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { keepOutput } from "../../support/outputs";

export const program = resolve(__dirname, "../../../scripts/openclaw-openrouter.mjs");

jest.setTimeout(180_000);

function fromRunner(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the end-to-end tests by \`npm test\``);
  return value;
}

export interface RunOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program while it runs. */
export interface Running {
  readonly pid: number;
  /** Standard error until now. */
  said(): string;
  readonly outcome: Promise<RunOutcome>;
}

/**
 * A "host" for one test file: a user's home, a working folder and an engine of the tests' own. Ports and container names
 * are those that a user's would have, since the whole run has a network namespace of its own.
 */
export class TestHost {
  readonly userHome: string;
  readonly homes: string;
  readonly engine = fromRunner("TEST_ENGINE");
  private readonly children = new Set<ChildProcess>();

  /** @param folder this host's own. @default a new one */
  constructor(readonly folder = mkdtempSync(join(fromRunner("TEST_FOLDER"), "host-"))) {
    this.userHome = join(folder, "home");
    this.homes = join(this.userHome, ".openclaw-openrouter");
    mkdirSync(this.userHome, { recursive: true });
    // On the PATH, as where it is installed: what is printed names it by its name alone.
    mkdirSync(join(this.folder, "bin"));
    symlinkSync(program, join(this.folder, "bin", "openclaw-openrouter"));
  }

  home(instance: string): HomePaths {
    return homePaths(join(this.homes, instance));
  }

  /** Writes an instance's settings into its home, as a user does before the first deploy. */
  writeSettings(instance: string, settings: object): void {
    const { root } = this.home(instance);
    mkdirSync(root, { recursive: true, mode: 0o700 });
    writeFileSync(join(root, "openrouter.settings.json"), JSON.stringify(settings));
  }

  /** The environment of a login on that host: little, so that nothing of the developer's own leaks in. */
  environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      PATH: `${join(this.folder, "bin")}:${process.env.PATH}`,
      HOME: this.userHome,
      LANG: "C.UTF-8",
      DOCKER_HOST: this.engine,
      OPENCLAW_OPENROUTER_PUBLIC: join(this.userHome, "public"),
      OPENCLAW_OPENROUTER_INSTALL: join(this.userHome, "installed"),
      OPENCLAW_OPENROUTER_CACHE:
        process.env.OPENCLAW_OPENROUTER_CACHE ??
        join(process.env.HOME ?? "/root", ".cache/openclaw-openrouter"),
      ...extra,
    };
  }

  /** Starts the program. It runs beside the test, which may serve OpenRouter meanwhile, look at it, or end it. */
  start(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = ""): Running {
    return this.startNode([program, ...args], extra, input);
  }

  /** Starts a program of Node's. */
  startNode(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = ""): Running {
    return this.startCommand(process.execPath, args, extra, input);
  }

  /**
   * Starts the program as on a second host beside this one: it sees another folder instead of this user's home, and no
   * process of this host's.
   */
  startOnOther(userHome: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}): Running {
    const script = `mount --bind "$0" "$HOME" && exec "$@"`;
    const beside = [
      "--mount",
      "--pid",
      "--fork",
      "--mount-proc",
      "--kill-child",
      "sh",
      "-c",
      script,
      userHome,
    ];
    return this.startCommand("unshare", [...beside, process.execPath, program, ...args], extra);
  }

  /** Starts any program, in the environment of a login. */
  startCommand(command: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = ""): Running {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: this.environment(extra),
      stdio: "pipe",
    });
    this.children.add(child);
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    const stdout = text(child.stdout);
    child.stdin.on("error", () => {}).end(input);
    const outcome = new Promise<RunOutcome>((done, fail) => {
      child.once("error", fail);
      child.once("exit", async (code) => {
        this.children.delete(child);
        const ended = { code, stdout: await stdout, stderr: said };
        keepOutput(fromRunner("TEST_FOLDER"), { args, ...ended });
        done(ended);
      });
    });
    return { pid: child.pid ?? 0, said: () => said, outcome };
  }

  /** Runs the program as a user does, to its end. */
  run(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = ""): Promise<RunOutcome> {
    return this.start(args, extra, input).outcome;
  }

  /** Runs the program and expects that it ends well. */
  async mustRun(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = ""): Promise<RunOutcome> {
    const outcome = await this.run(args, extra, input);
    if (outcome.code !== 0)
      throw new Error(`${args.join(" ")} ended with ${outcome.code}:\n${outcome.stderr}`);
    return outcome;
  }

  docker(...args: string[]): string {
    return execFileSync("docker", args, { env: this.environment(), encoding: "utf8", stdio: "pipe" }).trim();
  }

  /** Pauses a container. On a busy machine the kernel may not freeze it in the time that runc gives it. */
  pause(container: string): void {
    for (let tries = 1; ; tries++) {
      try {
        this.docker("pause", container);
        return;
      } catch (error) {
        if (tries === 5 || !String(error).includes("unable to freeze")) throw error;
      }
    }
  }

  /** Removes every container, volume, network of a test's own, and the homes of this host: it is as new. */
  clear(): void {
    this.removeAll(["ps", "-aq"], ["rm", "-f"]);
    this.removeAll(["volume", "ls", "-q"], ["volume", "rm", "-f"]);
    this.removeAll(["network", "ls", "-q", "--filter", "type=custom"], ["network", "rm"]);
    rmSync(this.userHome, { recursive: true, force: true });
    mkdirSync(this.userHome);
  }

  /** Ends what still runs, and removes every container, volume and network of this test, and its folder. */
  remove(): void {
    for (const child of this.children) child.kill("SIGKILL");
    this.removeAll(["ps", "-aq"], ["rm", "-f"]);
    this.removeAll(["volume", "ls", "-q"], ["volume", "rm", "-f"]);
    this.removeAll(["network", "ls", "-q", "--filter", "type=custom"], ["network", "rm"]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private removeAll(list: readonly string[], remove: readonly string[]): void {
    const found = this.docker(...list)
      .split("\n")
      .filter(Boolean);
    if (found.length > 0) this.docker(...remove, ...found);
  }
}

/** Waits until something holds, looking often. */
export async function until<T>(look: () => T | undefined | false, what: string, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`not seen within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The pid of the run that holds an instance's lock. */
export function lockedBy(path: string): number | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")).pid;
  } catch {
    return undefined;
  }
}
