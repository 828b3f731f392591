import { wrongUsage } from "../core/errors";
import { type ScheduledName, scheduledNames } from "../session/schedule/schedule-script";

/** The current command for each name in a host's scripts. A command can be renamed; a host's scripts stay. */
const commands: Readonly<Record<ScheduledName, readonly string[]>> = {
  check: ["check"],
  drift: ["drift"],
  backup: ["backup", "create"],
  unseal: ["vault", "unseal"],
};

/**
 * Replaces `scheduled NAME`, which a host's scripts call, with the command of that name.
 * @throws UserError (wrong usage) for an unknown name
 */
export function fromSchedule(args: readonly string[]): string[] {
  if (args[0] !== "scheduled") return [...args];
  const [, name, ...rest] = args;
  const known = scheduledNames.find((each) => each === name);
  if (known) return [...commands[known], ...rest];
  throw wrongUsage({
    problem: "No command of that name can be scheduled.",
    got: name ?? "no name",
    expected: scheduledNames.join(", "),
  });
}
