import type { DeployContext } from "../lib/deploy/context";
import type { Deployment } from "../lib/model/deployment";
import { bundleOf, type HostOptions } from "./options";
import { say } from "./output";
import { confirmStarting } from "./prompts";
import type { CommandRun } from "./run-command";
import { phasesThatMayAsk, type sharesGiven } from "./shares-input";

/** Prepares a command that replaces Vault's data, and that goes on where it was interrupted in that. */
export async function prepareReplacing(
  deployment: Deployment,
  { lock, signal }: CommandRun,
  options: HostOptions,
  given: ReturnType<typeof sharesGiven>,
): Promise<DeployContext> {
  const { prepare } = await import("../lib/deploy/context");
  const { requireSupportedImage } = await import("../lib/deploy/require-image");
  const context = await prepare({
    deployment,
    lock,
    signal,
    phase: await phasesThatMayAsk(deployment),
    confirm: confirmStarting,
    replacesData: true,
    ...given,
    ...bundleOf(options),
  });
  for (const warning of await requireSupportedImage(context)) say(`! ${warning}`);
  return context;
}
