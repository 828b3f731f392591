import { conditional, Fn, Token } from "cdktf";

/** SHA-256 of a file of the host, taken when Terraform runs, so that the declaration is the same on each machine. */
export function hashOfFile(path: string): string {
  const file = Token.isUnresolved(path) ? path : Fn.rawString(path);
  return Token.asString(conditional(Fn.fileexists(file), Fn.filesha256(file), "no such file"));
}
