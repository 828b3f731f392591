import type { HostRow } from "./row";
import type { Site } from "./site";

/** One thing that an owner does, or that befalls a host, and what must be so afterwards. */
export interface Step {
  readonly id: string;
  readonly title: string;
  /** Why a row cannot do it; undefined where it can. */
  notTried?(row: HostRow): string | undefined;
  /** @throws AssertionError where it is not so */
  run(site: Site): Promise<void> | void;
}
