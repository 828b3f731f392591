import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { compileSupport } from "./compile";
import type { Place } from "./slow-way";

/** Ways that take a time, served by a process of their own, so that a busy test does not make them slower. */
export class SlowWays {
  private readonly ways: string[] = [];
  private process: ChildProcess | undefined;

  /**
   * @param folder where the program is compiled to
   * @param roundTrip in milliseconds
   */
  constructor(
    private readonly folder: string,
    private readonly roundTrip: number,
  ) {}

  add(from: Place, to: Place): void {
    this.ways.push([from.host, from.port, to.host, to.port, this.roundTrip].join(","));
  }

  async start(): Promise<void> {
    if (this.ways.length === 0) return;
    this.process = spawn(process.execPath, [compileSupport("slow-way", this.folder), ...this.ways], {
      env: { SLOW_WAYS: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(this.process.stdout!, "data");
  }

  stop(): void {
    this.process?.kill("SIGKILL");
  }
}
