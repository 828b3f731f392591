import { TerraformStack, Token } from "cdktf";
import type { Construct } from "constructs";

/**
 * Checks an option of a construct early, at `new`. Values that are known only at apply (tokens) pass.
 * @throws Error that names the construct, the option, the value and the expected value
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

/** Checks that an option is an absolute path, as {@link requireThat} does: an unset variable of the environment is none either. */
export function requirePath(scope: Construct, option: string, got: string): void {
  requireThat(scope, typeof got === "string" && got.startsWith("/"), option, got, "an absolute path");
}

/**
 * Checks that a construct is the only one of its class in its stack.
 * @throws Error that names the other one
 */
export function requireAlone(
  construct: Construct,
  type: new (...props: never[]) => Construct,
  expected: string,
): void {
  const all = TerraformStack.of(construct).node.findAll();
  const other = all.find((each) => each !== construct && each instanceof type);
  if (!other) return;
  throw new Error(`${construct.node.path}: the stack has ${other.node.path} already; expected ${expected}`);
}

/** The requirement for an address that receives secrets: completes "expected …". */
export const baseAddress =
  "an https URL, or http on the loopback (127.0.0.1, localhost, [::1]), that does not end in /";
