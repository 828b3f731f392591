import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../core/errors";
import { writePrivateFile } from "../core/files/files";
import { requireTrusted } from "../core/files/trusted-path";
import { quote } from "../core/text";

const elsewhere = "Name another file, in a folder that only this user can write to.";

/**
 * Writes a report that other users of this host can read. The write is atomic and follows no link.
 * @throws UserError as {@link requireReportPlace} does, or if the file cannot be written
 */
export function writeReport(path: string, text: string): void {
  requireReportPlace(path);
  writePrivateFile(path, text, 0o644);
}

/**
 * Checks that a report can be written to a path and nowhere else.
 * @throws UserError if the folder is missing, another user can replace its content, or the path is no plain file
 */
export function requireReportPlace(path: string): void {
  const folder = dirname(path);
  const refused = (got: string, expected: string, fix: string) =>
    new UserError({ problem: `The report cannot be written to ${path}.`, got, expected, fix });
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw refused(
      `no folder ${folder}`,
      "a folder of this user that the readers of the report can enter",
      `install -d -m 755 ${quote(folder)}`,
    );
  requireTrusted(folder, "The folder of the report", { fix: elsewhere, mayBeSticky: true });
  // The write replaces the file at the path: as root, it would replace /dev/null.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw refused("a link, a folder or a device", "a plain file, or none yet", elsewhere);
}
