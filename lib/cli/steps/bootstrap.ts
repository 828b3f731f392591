import type { Command } from "commander";
import { homePaths } from "../../model/home-paths";
import { bootstrapParameters } from "../../model/run-parameters";
import { ensureHome } from "../../store/home";
import { takeLock } from "../../store/lock";
import { say } from "../output";
import { engineOfStep, readParameters } from "./parameters";

/** `bootstrap`: run by the construct VaultBootstrap. */
export function register(program: Command): void {
  program.command("bootstrap", { hidden: true }).action(async () => {
    const { bootstrap } = await import("../../vault/bootstrap");
    const { renewPlacedCredential } = await import("../../openclaw/renew-credential");
    const { VaultContainer } = await import("../../vault/vault-container");
    const { askBySocket } = await import("../../vault/shares/shares-socket");
    const parameters = readParameters(bootstrapParameters);
    const host = new VaultContainer(await engineOfStep(), parameters.container, parameters.dataVolume);
    // A bare `cdktf deploy` holds no lock. If a command of this program runs Terraform, that command holds it.
    ensureHome(parameters.home);
    const lock = takeLock(homePaths(parameters.home).lock, "bootstrap");
    try {
      const askForShares = askBySocket();
      await bootstrap(parameters, host, {
        progress: say,
        renewCopies: renewPlacedCredential,
        writeTokenHelper: true,
        requireUnchanged: true,
        ...(askForShares ? { askForShares } : {}),
      });
    } finally {
      lock.release();
    }
  });
}
