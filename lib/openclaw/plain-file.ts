import { UserError } from "../core/errors";
import type { PlainFile } from "./folder/users-folder";

/** The file's text. @throws UserError if it is not UTF-8: writing it back would change it */
export function textOf({ bytes }: PlainFile): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError({ problem: "A file of OpenClaw's is not text in UTF-8. It was not changed." });
  }
}
