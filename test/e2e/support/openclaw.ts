import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { openClawCommand } from "../../support/openclaw-client";
import type { RunOutcome } from "./host";
import { killTree } from "./processes";

/** The real OpenClaw, run by one user as on a host: a login's environment, and another key in it as a trap. */
export class OpenClaw {
  readonly node: string;
  readonly program: string;
  private readonly gateways = new Set<ChildProcess>();

  /**
   * @param folder where it is installed
   * @param home of the user who runs it
   * @param trap exported as OPENROUTER_API_KEY
   */
  constructor(
    folder: string,
    private readonly home: string,
    private readonly trap: string,
    private readonly user?: { readonly uid: number; readonly gid: number },
  ) {
    const { node, program } = openClawCommand(folder);
    this.node = node;
    this.program = program;
  }

  private spawn(args: readonly string[], input?: string): ChildProcess {
    const child = spawn(this.node, [this.program, ...args], {
      cwd: this.home,
      env: {
        PATH: "/usr/bin:/bin",
        HOME: this.home,
        NO_COLOR: "1",
        OPENCLAW_OFFLINE: "1",
        OPENCLAW_GATEWAY_TOKEN: "token-of-the-test",
        OPENROUTER_API_KEY: this.trap,
        // It looks for plugins of its own; the test has no network.
        npm_config_offline: "true",
      },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
      ...this.user,
    });
    child.stdin?.end(input);
    return child;
  }

  /** Runs one of its commands to the end. */
  run(...args: string[]): Promise<RunOutcome> {
    return this.runWith(undefined, ...args);
  }

  /** @param input what it reads from standard input */
  async runWith(input: string | undefined, ...args: string[]): Promise<RunOutcome> {
    const child = this.spawn(args, input);
    const outputs = Promise.all([text(child.stdout!), text(child.stderr!)]);
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    const [stdout, stderr] = await outputs;
    return { code, stdout, stderr };
  }

  /** Starts a gateway. @param options of OpenClaw's own, such as `--profile` */
  gateway(...options: string[]): { said(): string; isRunning(): boolean } {
    const child = this.spawn([...options, "gateway", "run"]);
    this.gateways.add(child);
    let said = "";
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
      });
    }
    return { said: () => said, isRunning: () => child.exitCode === null && child.signalCode === null };
  }

  /** Ends its gateways with all that they started. */
  async stop(): Promise<void> {
    for (const child of this.gateways) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      killTree(child.pid!);
      await ended;
    }
    this.gateways.clear();
  }
}
