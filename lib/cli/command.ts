import type { Command } from "commander";
import { distance } from "fastest-levenshtein";
import { type UserError, wrongUsage } from "../core/errors";

/** Ends with an error that names the nearest command. */
export function refuseUnknown(parent: Command, unknown: string): never {
  const path = [pathOf(parent), unknown].filter(Boolean).join(" ");
  const near = nearest(parent, unknown);
  const hint = near ? `\nDid you mean: ${programOf(parent).name()} ${near}` : "";
  return parent.error(`error: there is no command \`${path}\`${hint}`, { code: "commander.unknownCommand" });
}

/**
 * Refuses an empty value: it comes from a variable of a script that is not set, and would mean the same as no option, such as
 * another instance or no settings. @throws UserError (wrong usage)
 */
export function refuseEmpty(command: Command): void {
  const isEmpty = (value: unknown) => [value].flat().includes("");
  for (let at: Command | null = command; at; at = at.parent) {
    const option = at.options.find((each) => isEmpty(command.optsWithGlobals()[each.attributeName()]));
    if (option) throw empty(option.long ?? option.flags, "a value, or no such option");
  }
  const index = command.args.indexOf("");
  if (index === -1) return;
  throw empty(`Argument ${index + 1} of ${pathOf(command)}`, "a value");
}

function empty(what: string, expected: string): UserError {
  return wrongUsage({
    problem: `${what} is empty. Nothing was changed.`,
    got: '""',
    expected,
    fix: "See if the script's variable in its place is set.",
  });
}

/** The full name of a command without the program's name: `key rotate`. */
export function pathOf(command: Command): string {
  return command.parent ? [pathOf(command.parent), command.name()].filter(Boolean).join(" ") : "";
}

/** The names of the options that were given: not those with their default. */
export function givenOptions(command: Command): string[] {
  const names = Object.keys(command.optsWithGlobals());
  return names.filter((name) => command.getOptionValueSource(name) !== "default");
}

/** Every visible command, groups included, in the order of the help: a group comes before its commands. */
export function commandsOf(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((each) => [each, ...commandsOf(each)]);
}

/** Finds a command by its full name. @returns undefined if there is none */
export function findCommand(program: Command, words: readonly string[]): Command | undefined {
  return commandsOf(program).find((command) => pathOf(command) === words.join(" "));
}

function programOf(command: Command): Command {
  return command.parent ? programOf(command.parent) : command;
}

/** The nearest command: the same word in another group, else the most similar spelling, commands of this group first. */
function nearest(parent: Command, word: string): string | undefined {
  const measured = commandsOf(programOf(parent)).map((command) => {
    const far = distance(command.name(), word.toLowerCase());
    const isNear = far <= Math.max(1, Math.floor(Math.max(command.name().length, word.length) * 0.4));
    const path = pathOf(command);
    return { path, isNear, order: [far, command.parent === parent ? 0 : 1, path.split(" ").length] };
  });
  const near = measured.filter(({ isNear }) => isNear);
  near.sort((a, b) => a.order.map((each, at) => each - b.order[at]!).find((less) => less !== 0) ?? 0);
  return near[0]?.path;
}
