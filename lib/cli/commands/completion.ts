import { Argument } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { defineCommand } from "../define-command";
import { print } from "../output";

/** `completion`: prints a script with which a shell completes commands and options. */
export const register = defineCommand({
  name: "completion",
  summary: "print a script that completes commands and options in a shell (for a program on PATH)",
  arguments: [new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"])],
  run: async ({ command }) => {
    const { completionScript } = await import("../completion-script");
    print(completionScript(command.parent!, command.processedArgs[0]));
    return ExitCode.Ok;
  },
});
