import { UserError } from "../core/errors";
import { mergeSections, revertSections } from "./guide-config";
import { addInclude, includeName, removeInclude, smallGatewayConfig } from "./include";
import type { JoinedName } from "./installed";
import { withinStack } from "./json5";

/**
 * What a user's file and what is declared come to.
 * @param text the user's file; undefined where there is none
 * @param declared what Terraform rendered for it
 * @throws Error that says what is wrong with the user's file
 */
export function joinFile(name: JoinedName, text: string | undefined, declared: string): string {
  return withinStack(() => joined(name, text, declared));
}

function joined(name: JoinedName, text: string | undefined, declared: string): string {
  switch (name) {
    case "config.json":
      return text === undefined ? declared : mergeSections(text, declared);
    case "openclaw.json":
      return text === undefined ? smallGatewayConfig : addInclude(text);
    case "openrouter.json5":
      return declared;
  }
}

/**
 * A file that was edited since it was joined, without what is ours.
 * @param declared what was declared in it
 * @param first the file as it was first found
 * @returns undefined where nothing is left
 * @throws UserError where it does not parse
 */
export function partFile(
  name: JoinedName,
  text: string,
  declared: string,
  first: string | undefined,
): string | undefined {
  if (name === "openrouter.json5") return undefined;
  try {
    return withinStack(() =>
      name === "config.json" ? revertSections(text, declared, first) : removeInclude(text, first),
    );
  } catch (error) {
    throw new UserError(
      { problem: `OpenClaw's ${name} cannot be read.`, got: (error as Error).message },
      { cause: error },
    );
  }
}

/** What a person is to add where a file cannot be changed. @param rendered what Terraform rendered, a path */
export function byHand(name: JoinedName, rendered: string): string {
  return name === "openclaw.json"
    ? `Or add to it by hand: "$include": ["${includeName}"]`
    : `What is to stand in it: cat ${rendered}`;
}
