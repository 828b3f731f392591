import { readFileSync } from "node:fs";
import { wrongUsage } from "../../core/errors";
import { whyUnread } from "../../core/files/files";

/**
 * The text of a file that an option names, without the byte order mark that editors on other systems put first.
 * @param what the beginning of the message: "The key file"
 */
export function readGivenFile(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw wrongUsage({
      problem: `${what} ${path} cannot be read.`,
      got: whyUnread(error),
      expected: "a file that this user can read",
    });
  }
}
