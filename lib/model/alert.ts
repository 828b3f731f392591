import { z } from "zod";
import { sha256 } from "../core/fingerprint";

/** `critical`: the key, its money or its protection is at risk, or nothing works. `warning`: it will be, if nothing is done. */
export const alertSeverities = ["critical", "warning"] as const;

/**
 * Something that a person must hear of: a sum that was reached, told once a period; or a state, told until it is resolved.
 */
export interface Condition {
  /** Stable, for example `vault.sealed` or `spending.alert`. */
  readonly id: string;
  /** Of a sum: the period in which it is told once, for example `2026-11`. A state has none. */
  readonly period?: string;
  readonly severity: (typeof alertSeverities)[number];
  /** One or two sentences. */
  readonly summary: string;
  readonly fix?: string;
  /** Whether it must be found twice in a row before it is told. @default false */
  readonly twice?: boolean;
  /** How long it must be found before it is told, in milliseconds. @default it is told at once */
  readonly after?: number;
}

/** What one check or drift check found for alerts. */
export interface Observation {
  /** ISO 8601. */
  readonly at: string;
  readonly conditions: readonly Condition[];
  /**
   * The ids of the states that were determined: one of them that is not among the conditions is resolved. An id that ends in `*`
   * stands for all that begin so. Every other state stays as it was.
   */
  readonly determined: readonly string[];
}

/** A message for a person about an instance. It contains no secret. */
export const alertMessage = z.object({
  version: z.literal(1),
  /** The same for each delivery of this message, so that a receiver can drop a repetition. */
  id: z.string(),
  /** The condition's id. */
  event: z.string(),
  phase: z.enum(["raised", "reminder", "resolved", "test"]),
  severity: z.enum(alertSeverities),
  instance: z.string(),
  host: z.string(),
  at: z.string(),
  /** Of a state: when it was first found. */
  since: z.string().exactOptional(),
  summary: z.string(),
  fix: z.string().exactOptional(),
});
export type AlertMessage = z.output<typeof alertMessage>;

/** The id of a message: 32 hexadecimal digits that only these parts determine. */
export function messageId(...parts: readonly string[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 32);
}

/** The first line of a message: what happened, of which instance on which host. */
export function titleOf({ phase, event, instance, host }: AlertMessage): string {
  const begins = { raised: "Alert", reminder: "Still", resolved: "Resolved", test: "Test" }[phase];
  return `${begins}: ${event} (OpenClaw's OpenRouter, ${instance} on ${host})`;
}

/** The text below the title. */
export function bodyOf({ summary, fix, since, phase }: AlertMessage): string {
  const from = since && phase !== "raised" ? `\nSince: ${since}` : "";
  return `${summary}${from}${fix && phase !== "resolved" ? `\nFix: ${fix}` : ""}`;
}
