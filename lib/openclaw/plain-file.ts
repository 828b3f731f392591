import { UserError } from "../core/errors";
import type { PlainFile } from "./folder/users-folder";

/** The file's text. @param path its name in the error. @throws UserError if it is not UTF-8: writing it back would change it */
export function textOf({ bytes }: PlainFile, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError({ problem: `${path} is not text in UTF-8. It was not changed.` });
  }
}
