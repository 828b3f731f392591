import type { Command } from "commander";
import { installParameters } from "../../model/run-parameters";
import { say } from "../output";
import { readParameters } from "./parameters";

/** `install`: run by the construct OpenClawConfig. */
export function register(program: Command): void {
  program.command("install", { hidden: true }).action(async () => {
    const { install } = await import("../../openclaw/install");
    const parameters = readParameters(installParameters);
    for (const [name, placement] of Object.entries(install(parameters)))
      say(`${parameters.folder}/${name}: ${placement}`);
  });
}
