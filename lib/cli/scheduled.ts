import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { type ScheduledName, scheduledNames } from "../session/schedule/schedule-script";

/** The command of today by the name that is in a host's scripts. A command may be renamed; a host's scripts stay. */
const commands: Readonly<Record<ScheduledName, readonly string[]>> = {
  check: ["check"],
  drift: ["drift"],
  backup: ["backup", "create"],
  unseal: ["vault", "unseal"],
};

/**
 * The arguments of a run, in which `scheduled NAME` is the command of that name: what a host's own scripts call.
 * @throws UserError (wrong usage) for a name that none of them has
 */
export function fromSchedule(args: readonly string[]): string[] {
  if (args[0] !== "scheduled") return [...args];
  const [, name, ...rest] = args;
  const known = scheduledNames.find((each) => each === name);
  if (known) return [...commands[known], ...rest];
  throw new UserError({
    problem: "No command of that name can be scheduled.",
    got: name ?? "no name",
    expected: scheduledNames.join(", "),
    exitCode: ExitCode.WrongUsage,
  });
}
