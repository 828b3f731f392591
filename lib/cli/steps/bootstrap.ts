import { say } from "../output";
import { defineStep, engineOfStep, withLock } from "./define-step";

/** `bootstrap`: run by the construct VaultBootstrap. */
export const register = defineStep("bootstrap", async (parameters) => {
  const { bootstrap } = await import("../../vault/bootstrap");
  const { renewPlacedCredential } = await import("../../openclaw/renew-credential");
  const { VaultContainer } = await import("../../vault/container/vault-container");
  const { askBySocket } = await import("../../vault/shares/shares-socket");
  const host = new VaultContainer(await engineOfStep(), parameters.container, parameters.dataVolume);
  await withLock(parameters.home, "bootstrap", async () => {
    const askForShares = askBySocket();
    const { warning } = await bootstrap(parameters, host, {
      progress: say,
      renewCopies: renewPlacedCredential,
      writeTokenHelper: true,
      requireUnchanged: true,
      ...(askForShares ? { askForShares } : {}),
    });
    if (warning !== undefined) say(`! ${warning}`);
  });
});
