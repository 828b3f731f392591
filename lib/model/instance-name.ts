import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";

/** Whether a name may be an instance's. */
export function isValidName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,30}$/.test(name);
}

/**
 * The one rule for an instance's name, wherever it comes from: it becomes part of paths.
 * @throws UserError (wrong usage) if it breaks the rule
 */
export function validName(name: string): string {
  if (isValidName(name)) return name;
  throw new UserError({
    problem: "An instance's name becomes part of names of containers and folders.",
    got: JSON.stringify(name),
    expected: "up to 31 small letters, digits and hyphens, such as paris-2",
    exitCode: ExitCode.WrongUsage,
  });
}
