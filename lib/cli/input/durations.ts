import { InvalidArgumentError, Option } from "commander";
import { describeDuration, parseDuration } from "../../core/time";

/** Parses a duration of the command line into seconds. */
function parseSeconds(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError("A duration is a number with a unit, such as 30m, 12h or 90d.");
}

/** Makes an option that takes a duration; the command gets it in seconds. */
export function durationOption(flags: string, description: string, byDefault?: number): Option {
  const option = new Option(flags, description).argParser(parseSeconds);
  return byDefault === undefined ? option : option.default(byDefault, describeDuration(byDefault));
}
