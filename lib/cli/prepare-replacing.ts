import type { Deployment } from "../model/deployment";
import type { DeployContext } from "../session/context";
import { confirmStarting } from "./input/prompts";
import { phasesThatMayAsk, type sharesGiven } from "./input/shares-input";
import { bundleOf, type HostOptions } from "./options/options";
import { say } from "./output";
import type { CommandRun } from "./run-command";

/** Prepares a command that replaces Vault's data and that resumes an interrupted replacement. */
export async function prepareReplacing(
  deployment: Deployment,
  { lock, signal }: CommandRun,
  options: HostOptions,
  given: ReturnType<typeof sharesGiven>,
): Promise<DeployContext> {
  const { prepare } = await import("../session/context");
  const { requireSupportedImage } = await import("../session/require-image");
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
