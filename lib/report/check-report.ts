import { z } from "zod";
import { checkIds } from "../config/check-ids";
import { judged, type Status } from "./finding";

const checkResult = judged.extend({
  id: z.enum(checkIds),
  warnings: z
    .array(z.object({ warning: z.string(), summary: z.string() }))
    .exactOptional()
    .describe(
      "What it warns of. `warning` is the name by which `check.accepted` of the settings accepts it.",
    ),
  accepted: z
    .array(
      z.object({
        warning: z.string(),
        reason: z.string(),
        until: z.string().exactOptional().describe("The last day on which the warning is accepted."),
      }),
    )
    .exactOptional()
    .describe(
      "The warnings that the settings accept: `details` has their texts. If there is no other problem, the status is `pass`.",
    ),
  why: z.string().describe("Why it matters."),
  cause: z
    .string()
    .exactOptional()
    .describe("The kind of a failed call to OpenRouter, for example `key-invalid` or `dns`."),
  durationMs: z.number().nonnegative().describe("Milliseconds."),
  costUsd: z.number().nonnegative().exactOptional().describe("The cost in USD, if OpenRouter reports it."),
  since: z.iso
    .datetime()
    .exactOptional()
    .describe("The first of the scheduled checks in a row that had this problem, if there were any."),
});

const measured = z.object({
  key: z.string().exactOptional().describe("The fingerprint of the stored key."),
  spentMonthUsd: z.number().exactOptional().describe("Spent by the key since the month began (UTC), in USD."),
  spentTodayUsd: z.number().exactOptional().describe("Spent by the key since midnight (UTC), in USD."),
  limitUsd: z.number().exactOptional().describe("The key's own limit, in USD; missing if it has none."),
  limitRemainingUsd: z.number().exactOptional().describe("What remains of it, in USD."),
  keyDisabled: z.boolean().exactOptional(),
  keyExpires: z.string().exactOptional().describe("ISO 8601."),
  keyRotateBy: z.string().exactOptional().describe("When the stored key is due for rotation, ISO 8601."),
  modelsLeave: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe("The day on which a configured model leaves the catalogue, by its id."),
});
export type Measured = z.output<typeof measured>;

/** The output of `check --json`. A new field keeps the version; a removed or changed field raises it. */
export const checkReport = z.object({
  version: z.literal(1),
  instance: z.string(),
  started: z.iso.datetime(),
  program: z.string().exactOptional().describe("The version of the program."),
  keyLabel: z.string().exactOptional().describe("OpenRouter's own label of the key in use."),
  measured: measured
    .exactOptional()
    .describe("What OpenRouter reports of key and models, for alerts and monitoring."),
  results: z.array(checkResult).describe("In a fixed order."),
  outcome: z
    .enum(["pass", "warn", "fail"])
    .describe("`fail` if a check failed or none was run; `warn` if a check warned; else `pass`."),
  costUsd: z.number().nonnegative().describe("The cost of the whole run, in USD."),
});

export type CheckResult = z.output<typeof checkResult>;
export type CheckReport = z.output<typeof checkReport>;
type CheckOutcome = CheckReport["outcome"];

/** The outcome of all results together. A run in which every check was skipped fails, because it shows nothing. */
export function reportOutcome(results: readonly Pick<CheckResult, "status">[]): CheckOutcome {
  const has = (wanted: Status) => results.some(({ status }) => status === wanted);
  if (has("fail")) return "fail";
  if (has("warn")) return "warn";
  return has("pass") ? "pass" : "fail";
}
