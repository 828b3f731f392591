import { readFileSync } from "node:fs";
import { UserError } from "../core/errors";

/**
 * Reads a file that the settings name.
 * @param use what Vault does with it: the end of the sentence "…, and Vault is to …"
 * @param option the option that names it
 */
export function readNamedFile(path: string, use: string, option: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError({
      problem: `${path} cannot be read, and Vault is to ${use} with it.`,
      got: (error as NodeJS.ErrnoException).code ?? "an unreadable file",
      expected: "a file that this user can read",
      fix: `Restore it, or change \`${option}\` in the settings.`,
    });
  }
}
