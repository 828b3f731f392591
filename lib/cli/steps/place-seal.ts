import { say } from "../output";
import { defineStep, engineOfStep } from "./define-step";

/** `place-seal`: run by the construct VaultServer if Vault unseals itself. */
export const register = defineStep("place-seal", async (parameters) => {
  const { placeSeal } = await import("../../vault/container/place-seal");
  await placeSeal(parameters, await engineOfStep(), say);
});
