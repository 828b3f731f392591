import type { Command } from "commander";
import { placeSealParameters } from "../../model/run-parameters";
import { say } from "../output";
import { engineOfStep, readParameters } from "./parameters";

/** `place-seal`: run by the construct VaultServer if Vault unseals itself. */
export function register(program: Command): void {
  program.command("place-seal", { hidden: true }).action(async () => {
    const { placeSeal } = await import("../../vault/place-seal");
    await placeSeal(readParameters(placeSealParameters), await engineOfStep(), say);
  });
}
