import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import type { DeployContext } from "./context";
import { describeOpened, type OpenedVault, type OpenVaultOptions, openVault } from "./open-vault";

/**
 * Opens the instance's Vault for a command that works on what was deployed.
 * @throws UserError (not deployed) where there is no container
 */
export async function requireVault(
  context: DeployContext,
  options: OpenVaultOptions = {},
): Promise<OpenedVault> {
  const opened = await context.phase(
    "Vault",
    (progress) => openVault(context, progress, options),
    describeOpened,
  );
  if (opened) return opened;
  const { instance, container } = context.deployment;
  throw new UserError({
    problem: `The instance ${instance} is not deployed.`,
    got: `no container ${container}`,
    fix: `openclaw-openrouter up --instance ${instance}`,
    exitCode: ExitCode.NotDeployed,
  });
}
