import { Token } from "cdktf";
import type { Construct } from "constructs";

/**
 * Checks an option of a construct early, at `new`. Values that Terraform will know only later (tokens) pass.
 * @throws Error that says which construct and option, what was got and what was expected
 */
export function requireThat(
  scope: Construct,
  holds: boolean,
  option: string,
  got: unknown,
  expected: string,
): void {
  if (holds || Token.isUnresolved(got)) return;
  throw new Error(`${scope.node.path}: option '${option}' is ${String(got)}; expected ${expected}`);
}

/** What an address has to be to which secrets go: completes "expected …". */
export const encrypted = "https, or http on the loopback (127.0.0.1, localhost, [::1])";
