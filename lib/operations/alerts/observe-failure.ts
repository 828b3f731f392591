import type { Observation } from "../../model/alert";
import { quoted, warning } from "./condition";

/** The id of a scheduled command that ends with an error; each of its reports resolves it, whatever the report says. */
export const scheduledFailure = (name: string) => `check.failed:${name}`;

/** A scheduled command that ended with an error instead of a report. */
export function observeFailure(at: string, name: string, problem: string): Observation {
  return {
    at,
    conditions: [
      { ...warning(scheduledFailure(name), `The scheduled ${name} failed: ${quoted(problem)}`), twice: true },
    ],
    determined: [],
  };
}
