import { wrongUsage } from "../core/errors";
import { homePaths } from "../model/home-paths";
import { type ScheduledName, scheduledNames } from "../session/schedule/schedule-script";
import { instanceHome } from "../store/home";
import { waitForOtherRuns } from "../store/lock";
import { writeScheduledRun } from "../store/records/scheduled-runs";
import { reportError } from "./output";

/** The current command for each name in a host's scripts. A command can be renamed; a host's scripts stay. */
const commands: Readonly<Record<ScheduledName, readonly string[]>> = {
  check: ["check", "--scheduled"],
  drift: ["drift", "--scheduled"],
  backup: ["backup", "create"],
  unseal: ["vault", "unseal"],
};

/** A run of a command by the host. */
interface ScheduledCall {
  readonly name: ScheduledName;
  readonly instance: string;
}

/**
 * Replaces `scheduled NAME`, which a host's scripts call, with the command of that name.
 * @returns the command's arguments, and what is scheduled; undefined for a person's call
 * @throws UserError (wrong usage) for an unknown name
 */
export function fromSchedule(args: readonly string[]): {
  readonly args: string[];
  readonly scheduled: ScheduledCall | undefined;
} {
  if (args[0] !== "scheduled") return { args: [...args], scheduled: undefined };
  const [, name, ...rest] = args;
  const known = scheduledNames.find((each) => each === name);
  const instance = rest[rest.indexOf("--instance") + 1];
  if (known && instance) return { args: [...commands[known], ...rest], scheduled: { name: known, instance } };
  throw wrongUsage({
    problem: "No command of that name can be scheduled.",
    got: name ?? "no name",
    expected: scheduledNames.join(", "),
  });
}

/**
 * Runs a scheduled command once no other run works on the instance, and records its end: a check beside an `up` that re-creates
 * the container would tell of a Vault that is gone, and a backup would fail. One that ends with an error instead of a report is
 * told like a failed check, since nobody sees its output.
 */
export async function runScheduled(
  { name, instance }: ScheduledCall,
  work: () => Promise<unknown>,
): Promise<void> {
  const home = homePaths(instanceHome(instance));
  let problem: string | undefined;
  try {
    await waitForOtherRuns(home.lock);
    await work();
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
    process.exitCode = reportError(error);
  }
  const at = new Date().toISOString();
  writeScheduledRun(home, name, { at, exitCode: Number(process.exitCode ?? 0) });
  if (problem === undefined || (name !== "check" && name !== "drift")) return;
  const { observeFailure } = await import("../operations/alerts/observe-failure");
  const { tell } = await import("../operations/alerts/tell");
  await tell({ instance, home }, [observeFailure(at, name, problem)]);
}
