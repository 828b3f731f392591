import { UserError } from "../core/errors";
import { quote } from "../core/text";
import { mergeSections, revertSections } from "./guide-config";
import { addInclude, includeName, removeInclude, smallGatewayConfig } from "./include";
import type { JoinedName } from "./installed";
import { withinStack } from "./json5";

/**
 * Merges the declared text into a user's file.
 * @param text the user's file; undefined if there is none
 * @param declared the text that Terraform rendered for it
 * @throws Error that names the problem with the user's file
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
 * Removes the managed parts from a file that was edited since the merge.
 * @param declared the declared text that was merged into it
 * @param first the original file
 * @returns undefined if nothing is left
 * @throws UserError if it does not parse
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

/** What to add by hand if a file cannot be changed. @param rendered the path of the file that Terraform rendered */
export function byHand(name: JoinedName, rendered: string): string {
  return name === "openclaw.json"
    ? `Or add to it by hand: "$include": ["${includeName}"]`
    : `To see what to add: cat ${quote(rendered)}`;
}
