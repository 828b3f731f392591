import { z } from "zod";
import { checkIds } from "../config/check-ids";

const status = z
  .enum(["pass", "warn", "fail", "skip"])
  .describe("`skip`: was not tried, and `summary` says why.");

const acceptance = z.object({
  reason: z.string(),
  until: z.string().exactOptional().describe("The last day on which it is accepted."),
});

const checkResult = z.object({
  id: z.enum(checkIds),
  status,
  summary: z.string().describe("What was found, in short."),
  details: z.array(z.string()).exactOptional().describe("What else was found, none of it a problem."),
  accepted: acceptance
    .exactOptional()
    .describe(
      "Set for a warning that the settings accept: its status is `pass`, and `details` say what was found.",
    ),
  why: z.string().describe("Why it matters."),
  fix: z.string().exactOptional().describe("How to fix it; only beside `warn` and `fail`."),
  durationMs: z.number().nonnegative().describe("Milliseconds."),
  costUsd: z.number().nonnegative().exactOptional().describe("What it cost, where OpenRouter said so."),
});

/** What `check --json` prints. A field that is added leaves the version; one that goes or changes raises it. */
export const checkReport = z.object({
  version: z.literal(1),
  instance: z.string(),
  started: z.iso.datetime(),
  keyLabel: z.string().exactOptional().describe("OpenRouter's own label of the key in use."),
  results: z.array(checkResult).describe("In a fixed order."),
  outcome: z
    .enum(["pass", "warn", "fail"])
    .describe("`fail` where a check failed, or none was tried; `warn` where one warned; else `pass`."),
  costUsd: z.number().nonnegative().describe("What the whole run cost, in USD."),
});

export type CheckStatus = z.output<typeof status>;
export type CheckResult = z.output<typeof checkResult>;
export type CheckReport = z.output<typeof checkReport>;
export type CheckOutcome = CheckReport["outcome"];

/** The outcome of all results together. Where nothing was tried, nothing is known: that is no pass. */
export function reportOutcome(results: readonly Pick<CheckResult, "status">[]): CheckOutcome {
  const has = (wanted: CheckStatus) => results.some(({ status }) => status === wanted);
  if (has("fail")) return "fail";
  if (has("warn")) return "warn";
  return has("pass") ? "pass" : "fail";
}
