import { readFileSync } from "node:fs";
import { wrongUsage } from "../../core/errors";

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
      got: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
}
