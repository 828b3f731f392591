import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { sandbox } from "../../lib/config/sandbox";
import { cacheRoot } from "../../lib/core/system/cache-root";
import { type HomePaths, homePaths } from "../../lib/model/home-paths";
import { type HostRecord, hostRecord } from "../../lib/store/records/host-record";
import type { TestEngine } from "../support/engine";
import { watchMemory } from "./memory";

const program = process.env.OPENCLAW_OPENROUTER_BIN ?? "";

/** Milliseconds after which a command has hung. */
const patience = 300_000;

/** The host on which everything is deployed again and again: a home and an engine of the bench's own. */
export class BenchHost {
  readonly userHome: string;
  readonly home: HomePaths;
  /** A key to store where no sandbox answers for it, and what the host was found to have. */
  key = "";
  record: HostRecord = {};
  private readonly environment: NodeJS.ProcessEnv;
  private peak: number | undefined;

  constructor(
    private readonly engine: TestEngine,
    readonly folder: string,
  ) {
    this.userHome = join(folder, "home");
    mkdirSync(this.userHome);
    this.environment = {
      PATH: process.env.PATH,
      HOME: this.userHome,
      LANG: "C.UTF-8",
      DOCKER_HOST: engine.environment.TEST_ENGINE,
      OPENCLAW_OPENROUTER_CACHE: cacheRoot(),
      OPENCLAW_OPENROUTER_INSTANCE: "sandbox",
      OPENCLAW_OPENROUTER_BIN: program,
      OPENCLAW_OPENROUTER_CHECK: "later",
    };
    this.home = homePaths(join(this.userHome, ".openclaw-openrouter", "sandbox"));
  }

  /** A first deploy that nobody times: it brings the image onto the engine, and makes the key that all deploys store. */
  async learn(): Promise<void> {
    await this.command(["up"]);
    this.key = this.sandboxKey();
    this.record = hostRecord.read(this.home) ?? {};
    await this.reset();
  }

  /** The key of the sandbox that is deployed now. */
  sandboxKey(): string {
    return readFileSync(this.home.sandboxKey, "utf8").trim();
  }

  /** Vault's image as the engine has it. */
  get image(): string {
    return this.record.image?.reference ?? "";
  }

  /** A home in which nothing but what was found out about the host is known: synth takes the image from it. */
  makeHome(): void {
    mkdirSync(this.home.root, { recursive: true, mode: 0o700 });
    writeFileSync(this.home.host, JSON.stringify(this.record), { mode: 0o600 });
  }

  /** Runs a command of ours. */
  async command(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.run([process.execPath, program, ...args], environment);
  }

  /**
   * @returns what it printed
   * @throws Error with the end of what it said, where it fails or hangs
   */
  async run(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const [enter = "", ...rest] = [...this.engine.namespace, ...command];
    const child = spawn(enter, rest, {
      env: { ...this.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: patience,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    const seen = this.peak !== undefined && child.pid ? watchMemory(child.pid) : undefined;
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (seen) this.peak = Math.max(this.peak ?? 0, seen());
    if (status === 0) return stdout;
    throw new Error(
      `${command.join(" ")} ended with ${status}:\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`,
    );
  }

  /** @returns the most memory that the commands of that work took at one moment, in megabytes */
  async peakOf(work: () => Promise<void>): Promise<number> {
    this.peak = 0;
    try {
      await work();
      return this.peak;
    } finally {
      this.peak = undefined;
    }
  }

  /** Starts a command that runs until it is told to end. */
  start(...args: string[]): ChildProcess {
    return this.startNode(program, ...args);
  }

  /** The same for another program of Node's. */
  startNode(...args: string[]): ChildProcess {
    const [enter = "", ...rest] = [...this.engine.namespace, process.execPath, ...args];
    return spawn(enter, rest, { env: this.environment, stdio: "ignore" });
  }

  /** Not `destroy --purge`: that would remove the image as well, which is to be there already. */
  async reset(): Promise<void> {
    const { container } = sandbox;
    await this.removeContainer(container, [`${container}-data`, `${container}-home`]);
    rmSync(this.home.root, { recursive: true });
  }

  async removeContainer(name: string, volumes: readonly string[]): Promise<void> {
    await this.run(["docker", "rm", "-f", name]);
    await this.run(["docker", "volume", "rm", "-f", ...volumes]);
  }
}
