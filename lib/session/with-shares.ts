import { areSharesElsewhere } from "../store/shares-record";
import { withSharesSocket } from "../vault/shares/shares-socket";
import type { DeployContext } from "./context";

/**
 * Provides a socket on which the steps that Terraform runs ask this run for the shares, if people enter them: when Terraform
 * replaces the container, its Vault is sealed, and a step unseals it.
 */
export async function withShares<T>(
  context: DeployContext,
  work: (having: DeployContext) => Promise<T>,
): Promise<T> {
  const { deployment, askForShares } = context;
  if (!askForShares || !areSharesElsewhere(deployment.home)) return work(context);
  return withSharesSocket(askForShares, (sharesSocket) => work({ ...context, sharesSocket }));
}
