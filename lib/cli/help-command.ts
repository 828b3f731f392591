import type { Command } from "commander";
import { findCommand, refuseUnknown } from "./command";
import { environmentHelp } from "./help";

/** `help`: prints the help of a command, given by its full name. */
export function register(program: Command): Command {
  return program
    .command("help")
    .description("print the help of a command, as `help key rotate`, or of the environment variables")
    .argument("[command...]", "the command's words")
    .action((words: readonly string[]) => {
      if (words.join(" ") === "environment")
        return program.configureOutput().writeOut?.(`${environmentHelp()}\n`);
      const known = words.findLastIndex((_, at) => findCommand(program, words.slice(0, at + 1)));
      const command = known === -1 ? program : findCommand(program, words.slice(0, known + 1))!;
      const unknown = words[known + 1];
      if (unknown !== undefined) refuseUnknown(command, unknown);
      command.outputHelp();
    });
}
