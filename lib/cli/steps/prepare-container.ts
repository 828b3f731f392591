import { say } from "../output";
import { defineStep, engineOfStep } from "./define-step";

/** `prepare-container`: run by the construct VaultServer, before its container starts. */
export const register = defineStep("prepare-container", async (parameters) => {
  const { prepareContainer } = await import("../../vault/container/prepare-container");
  await prepareContainer(parameters, await engineOfStep(), say);
});
