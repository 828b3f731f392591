import { wrongUsage } from "../core/errors";

/** Whether a name is valid for an instance. */
export function isValidName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,30}$/.test(name);
}

/**
 * Validates an instance's name from any source, because it becomes part of paths.
 * @throws UserError (wrong usage) if it is invalid
 */
export function validName(name: string): string {
  if (isValidName(name)) return name;
  throw wrongUsage({
    problem: "This cannot be an instance's name, which becomes part of the names of containers and folders.",
    got: JSON.stringify(name),
    expected: "up to 31 small letters, digits and hyphens, such as paris-2",
  });
}
