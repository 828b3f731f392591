import type { Command } from "commander";
import { prepareContainerParameters } from "../../model/run-parameters";
import { say } from "../output";
import { engineOfStep, readParameters } from "./parameters";

/** `prepare-container`: run by the construct VaultServer, before its container starts. */
export function register(program: Command): void {
  program.command("prepare-container", { hidden: true }).action(async () => {
    const { prepareContainer } = await import("../../vault/prepare-container");
    await prepareContainer(readParameters(prepareContainerParameters), await engineOfStep(), say);
  });
}
