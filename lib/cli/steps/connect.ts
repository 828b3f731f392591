import type { Command } from "commander";
import { connectParameters } from "../../model/run-parameters";
import { readParameters } from "./parameters";

/** `connect`: run by the construct ExternalVault. */
export function register(program: Command): void {
  program.command("connect", { hidden: true }).action(async () => {
    const { inspectVault } = await import("../../vault/external-vault");
    const { notConnected } = await import("../../session/external-vault");
    const parameters = readParameters(connectParameters);
    const { missing } = await inspectVault(parameters);
    if (missing) throw notConnected(parameters.address, missing);
  });
}
