import { conditional, Fn, Token } from "cdktf";

/** The SHA-256 of a file on the host, computed when Terraform runs, so that the declaration is the same on each machine. */
export function hashOfFile(path: string): string {
  const file = Token.isUnresolved(path) ? path : Fn.rawString(path);
  return Token.asString(conditional(Fn.fileexists(file), Fn.filesha256(file), "no such file"));
}
