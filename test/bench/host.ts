import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../lib/host/cache-root";
import { type HomePaths, homePaths } from "../../lib/model/home-paths";
import type { TestEngine } from "../engine";

const program = process.env.OPENCLAW_OPENROUTER_BIN ?? "";

/** The host on which the instance `sandbox` is deployed again and again: a home and an engine of the bench's own. */
export class BenchHost {
  readonly home: HomePaths;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    private readonly engine: TestEngine,
    readonly folder: string,
  ) {
    const userHome = join(folder, "home");
    mkdirSync(userHome);
    this.environment = {
      PATH: process.env.PATH,
      HOME: userHome,
      LANG: "C.UTF-8",
      DOCKER_HOST: engine.environment.TEST_ENGINE,
      OPENCLAW_OPENROUTER_CACHE: cacheRoot(),
      OPENCLAW_OPENROUTER_INSTANCE: "sandbox",
      OPENCLAW_OPENROUTER_BIN: program,
      OPENCLAW_OPENROUTER_CHECK: "later",
    };
    this.home = homePaths(join(userHome, ".openclaw-openrouter", "sandbox"));
  }

  get key(): string {
    return readFileSync(this.home.sandboxKey, "utf8").trim();
  }

  /** Runs a verb of ours. */
  verb(args: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
    this.run([process.execPath, program, ...args], environment);
  }

  /** @throws Error with the end of what it said, where it fails */
  run(command: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
    const [enter = "", ...rest] = [...this.engine.namespace, ...command];
    const result = spawnSync(enter, rest, {
      env: { ...this.environment, ...environment },
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (result.status === 0) return;
    throw new Error(
      `${command.join(" ")} ended with ${result.status}:\n${result.stdout.slice(-2000)}\n${result.stderr.slice(-2000)}`,
    );
  }

  /** Starts a verb that runs until it is told to end. */
  start(...args: string[]): ChildProcess {
    const [enter = "", ...rest] = [...this.engine.namespace, process.execPath, program, ...args];
    return spawn(enter, rest, { env: this.environment, stdio: "ignore" });
  }

  /** Not `destroy --purge`: that would remove the image as well, which is to be there already. */
  reset(): void {
    const container = "openclaw-sandbox-vault";
    this.run(["docker", "rm", "-f", container]);
    this.run(["docker", "volume", "rm", `${container}-data`, `${container}-home`]);
    rmSync(this.home.root, { recursive: true });
  }
}
