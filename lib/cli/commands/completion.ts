import { Argument, type Command } from "commander";
import { print } from "../output";

const shells = ["bash", "zsh", "fish"] as const;

/** `completion`: prints what a shell takes to complete commands and options. */
export function register(program: Command): void {
  program
    .command("completion")
    .description("print what a shell takes to complete commands and options (for a program on PATH)")
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { completionScript } = await import("../completion-script");
      print(completionScript(program, shell));
    });
}
