import { Argument, type Command } from "commander";
import { print } from "../output";

const shells = ["bash", "zsh", "fish"] as const;

/** `completion`: prints a script with which a shell completes commands and options. */
export function register(program: Command): void {
  program
    .command("completion")
    .description("print a script that completes commands and options in a shell (for a program on PATH)")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { completionScript } = await import("../completion-script");
      print(completionScript(program, shell));
    });
}
