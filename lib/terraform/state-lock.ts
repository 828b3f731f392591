import { UserError } from "../core/errors";
import type { StackName } from "../model/home-paths";

/**
 * Has Terraform ask again for a lock that is held. PostgreSQL's backend holds one lock of the whole database for a moment while
 * it takes a state's own: two stacks, or two hosts, that start together would refuse each other. It asks after 0, 1, 3 and 7 s.
 * Source: hashicorp/terraform#33217
 */
export const lockTimeout = "-lock-timeout=10s";

/** The holder of a state's lock in an error, for a message; undefined if the error is about something else. */
export function lockHolderIn(text: string): string | undefined {
  if (!text.includes("Lock Info:")) return undefined;
  // PostgreSQL does not report the holder, and HTTP its id alone: below them is this run's own request.
  if (/already locked for workspace creation|workspace is already locked/i.test(text))
    return "a lock of another connection to the database";
  const id = /already locked:\W{1,20}ID=([\w.:-]{1,200})/.exec(text)?.[1];
  if (id) return `lock ${id}`;
  if (text.includes("HTTP remote state already locked"))
    return "a lock of which the server does not tell the id";
  // Terraform draws a frame around it. A server can give the lock any text, so no pattern may go back over it.
  const lines = text.split("\n").map((line) => line.replace(/^[^\w\n]+/, ""));
  const field = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? "";
  const since = field("Created").replace(/\.\d+ \+0000 UTC$/, " UTC");
  return `lock ${field("ID")} of ${field("Who")}, since ${since}`;
}

/** The refusal if another run holds the state's lock. @param got the holder of the lock */
export function locked(stack: StackName, got: string): UserError {
  return new UserError({
    problem: `Another run, of this host or another, works on the state of the stack ${stack}: its backend keeps it locked.`,
    got,
    fix: "Wait for that run to end, then run this again. If no run is left anywhere: docs/state.md",
  });
}

/** Whether Terraform refused a saved plan since the state is another one by now, by its error's summary. */
export function isStalePlan(summary: string): boolean {
  return summary === "Saved plan is stale";
}

/** The refusal if another run was between this one's plan and its apply. */
export function changedMeanwhile(stack: StackName): UserError {
  return new UserError({
    problem: `Another run, of this host or another, changed the state of the stack ${stack} meanwhile. This one applied nothing to it.`,
    got: "a state that is newer than what this run compared",
    fix: "Wait for that run to end, then run this again.",
  });
}
