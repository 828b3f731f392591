import type { Command } from "commander";
import { placeTlsParameters } from "../lib/model/run-parameters";
import { say } from "./output";
import { engineOfStep, readParameters } from "./parameters";

/** `place-tls`: run by the construct VaultServer where it serves TLS. */
export function register(program: Command): void {
  program.command("place-tls", { hidden: true }).action(async () => {
    const { placeTls } = await import("../lib/host/place-tls");
    await placeTls(readParameters(placeTlsParameters), await engineOfStep(), say);
  });
}
