import { connectParameters } from "../../model/run-parameters";
import { defineStep } from "./define-step";

/** `connect`: run by the construct ExternalVault. */
export const register = defineStep("connect", connectParameters, async (parameters) => {
  const { inspectVault } = await import("../../vault/external-vault");
  const { notConnected } = await import("../../session/external-vault");
  const { missing } = await inspectVault(parameters);
  if (missing) throw notConnected(parameters.address, missing);
});
