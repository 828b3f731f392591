import { InvalidArgumentError } from "commander";
import { parseDuration } from "../lib/duration";

/** A duration on the command line, in seconds. */
export function parseSeconds(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError("A duration is a number with a unit, such as 30m, 12h or 90d.");
}
