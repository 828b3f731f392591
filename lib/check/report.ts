import { z } from "zod";

/** Every check, in the order in which a report shows them. The ids are stable: others build on them. */
export const checkIds = [
  "vault.reachable",
  "vault.unsealed",
  "vault.shares",
  "vault.identities",
  "secret.present",
  "guide.command",
  "key.valid",
  "budget.limit",
  "budget.spent",
  "models.known",
  "chat.default",
  "chat.fallback",
  "chat.experimentation",
  "openclaw.config",
  "host.schedules",
] as const;
export type CheckId = (typeof checkIds)[number];

const status = z
  .enum(["pass", "warn", "fail", "skip"])
  .describe("`skip`: was not tried, and `seen` says why.");

const checkResult = z.object({
  id: z.enum(checkIds),
  status,
  seen: z.string().describe("What was found, in short."),
  details: z.array(z.string()).exactOptional().describe("What else was found, none of it a problem."),
  why: z.string().describe("Why it matters."),
  remedy: z.string().exactOptional().describe("How to mend it; only beside `warn` and `fail`."),
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
