import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compileSupport } from "./compile";
import type { KillOrder } from "./kill-at";

/** When a run is to be killed. */
export type KillTime = Omit<KillOrder, "log">;

/** Has runs of the program killed at chosen moments, one run after the other. */
export class Killer {
  private preload: string | undefined;
  private readonly log: string;

  /** @param folder where what is loaded into the program is compiled to */
  constructor(private readonly folder: string) {
    this.log = join(folder, "moments");
  }

  /** What the next run is given. @param time @default it runs to its end, and its moments are noted */
  environment(time: KillTime = {}): Record<string, string> {
    rmSync(this.log, { force: true });
    this.preload ??= compileSupport("kill-at", this.folder);
    const order: KillOrder = { log: this.log, ...time };
    return { NODE_OPTIONS: `--require ${this.preload}`, TEST_KILL: JSON.stringify(order) };
  }

  /** The moments of the last run, in their order. */
  moments(): string[] {
    return readFileSync(this.log, "utf8").trimEnd().split("\n");
  }
}
