import type { BenchHost } from "./host";
import type { Timings } from "./timings";

/** What each part of the bench is given. */
export interface Measure {
  readonly host: BenchHost;
  readonly timings: Timings;
  /** How often each thing is timed, after one time that is not counted. */
  readonly rounds: number;
}
