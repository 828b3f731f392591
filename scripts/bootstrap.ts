import type { Command } from "commander";
import { bootstrapParameters } from "../lib/model/run-parameters";
import { say } from "./output";
import { engineOfStep, readParameters } from "./parameters";

/** `bootstrap`: run by the construct VaultBootstrap. */
export function register(program: Command): void {
  program.command("bootstrap", { hidden: true }).action(async () => {
    const { bootstrap } = await import("../lib/vault/bootstrap");
    const { VaultContainer } = await import("../lib/host/vault-container");
    const parameters = readParameters(bootstrapParameters);
    const host = new VaultContainer(await engineOfStep(), parameters.container, parameters.dataVolume);
    await bootstrap(parameters, host, { progress: say, writeTokenHelper: true });
  });
}
