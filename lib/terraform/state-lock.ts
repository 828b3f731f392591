import { UserError } from "../core/errors";
import type { StackName } from "../model/home-paths";

/** Whose lock of a state an error tells of, in words; undefined where it tells of none. */
export function lockHolderIn(text: string): string | undefined {
  if (!text.includes("Lock Info:")) return undefined;
  // PostgreSQL does not tell: what stands in the error then is what was asked for by this run itself.
  if (text.includes("Workspace is already locked")) return "a lock of another connection to the database";
  const field = (name: string) => new RegExp(`^\\W*${name}:[ \\t]*(.*?)\\s*$`, "m").exec(text)?.[1] ?? "";
  const since = field("Created").replace(/\.\d+ \+0000 UTC$/, " UTC");
  return `lock ${field("ID")} of ${field("Who")}, since ${since}`;
}

/** The refusal of a run beside another one. @param got whose lock it is */
export function locked(stack: StackName, got: string): UserError {
  return new UserError({
    problem: `Another run, of this host or another, works on the state of the stack ${stack}: its backend keeps it locked.`,
    got,
    fix: "Wait for that run to end, then run this again. If no run is left anywhere: docs/state.md",
  });
}
