import { Aspects, type TerraformProvider, TerraformStack, Token } from "cdktf";
import type { Construct, IConstruct } from "constructs";

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
  const other = inStackOf(construct).find((each) => each !== construct && each instanceof type);
  if (!other) return;
  throw new Error(`${construct.node.path}: the stack has ${other.node.path} already; expected ${expected}`);
}

/** The constructs of a construct's stack, without those of a stack that is nested in it. */
function inStackOf(construct: Construct): IConstruct[] {
  const stack = TerraformStack.of(construct);
  return stack.node.findAll().filter((each) => TerraformStack.of(each) === stack);
}

/**
 * Checks at synth the provider that the resources of a construct use: that of its stack without an alias. An aspect, because
 * providers can be declared later, and because apps can skip CDKTF's validations.
 */
export function requireProvider<P extends TerraformProvider>(
  construct: Construct,
  type: new (...props: never[]) => P,
  check: (provider: P | undefined) => void,
): void {
  const isDefault = (each: IConstruct): each is P => each instanceof type && each.alias === undefined;
  Aspects.of(construct).add({
    visit: (node) => {
      if (node === construct) check(inStackOf(construct).find(isDefault));
    },
  });
}

/** The requirement for an address that receives secrets: completes "expected …". */
export const baseAddress =
  "an https URL, or http on the loopback (127.0.0.1, localhost, [::1]), that does not end in /";
