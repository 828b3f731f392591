import { defineStep } from "./define-step";

/** `connect`: run by the construct ExternalVault. */
export const register = defineStep("connect", async (parameters) => {
  const { inspectVault } = await import("../../vault/external-vault");
  const { notConnected } = await import("../../session/external-vault");
  const { missing } = await inspectVault(parameters);
  if (missing) throw notConnected(parameters.address, missing);
});
