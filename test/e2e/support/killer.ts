import { compileSupport } from "./compile";
import type { KillOrder } from "./kill-at";

/** Has runs of the program killed at chosen moments. */
export class Killer {
  private preload: string | undefined;

  /** @param folder where what is loaded into the program is compiled to */
  constructor(private readonly folder: string) {}

  /** What a run is given so that it follows the order. */
  environment(order: KillOrder): Record<string, string> {
    this.preload ??= compileSupport("kill-at", this.folder);
    return { NODE_OPTIONS: `--require ${this.preload}`, TEST_KILL: JSON.stringify(order) };
  }
}
