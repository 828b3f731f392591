import { statSync } from "node:fs";
import { boundedText, longest } from "../../core/bounded";
import { wrongUsage } from "../../core/errors";
import { readGivenFile } from "./given-file";

/** The text of `--hosts`, and how messages name it. `-` is standard input. @throws UserError (wrong usage) if it cannot be read */
export async function readHostList(path: string): Promise<[text: string, source: string]> {
  if (path === "-") return [await boundedText(process.stdin, longest.list), "standard input"];
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > longest.list)
    throw wrongUsage({ problem: `The list of hosts ${path} is too long.`, expected: "at most 16 MiB" });
  return [readGivenFile(path, "The list of hosts"), path];
}
