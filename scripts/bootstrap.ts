import type { Command } from "commander";
import { bootstrapParameters } from "../lib/model/run-parameters";
import { say } from "./output";
import { readParameters } from "./parameters";

/** `bootstrap`: run by the construct VaultBootstrap. */
export function register(program: Command): void {
  program.command("bootstrap", { hidden: true }).action(async () => {
    const { bootstrap } = await import("../lib/vault/bootstrap");
    const { EngineApi } = await import("../lib/host/engine-api");
    const { VaultContainer } = await import("../lib/host/vault-container");
    const parameters = readParameters(bootstrapParameters);
    const engine = new EngineApi(
      (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", ""),
    );
    const host = new VaultContainer(engine, parameters.container, parameters.dataVolume);
    await bootstrap(parameters, host, { progress: say, newContainer: true });
  });
}
