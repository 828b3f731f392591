import type { Command } from "commander";
import { connectParameters } from "../lib/model/run-parameters";
import { readParameters } from "./parameters";

/** `connect`: run by the construct ExistingVault. */
export function register(program: Command): void {
  program.command("connect", { hidden: true }).action(async () => {
    const { lookAtVault } = await import("../lib/vault/existing-vault");
    const { notConnected } = await import("../lib/deploy/existing-vault");
    const parameters = readParameters(connectParameters);
    const { lacking } = await lookAtVault(parameters);
    if (lacking) throw notConnected(parameters.address, lacking);
  });
}
