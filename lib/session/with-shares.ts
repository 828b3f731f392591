import { areSharesElsewhere } from "../store/shares-record";
import { withSharesSocket } from "../vault/shares/shares-socket";
import type { DeployContext } from "./context";

/**
 * Has the steps that Terraform runs ask this run for the shares, where people give them to it: a container that Terraform
 * replaces has a sealed Vault, which a step of ours opens there.
 */
export async function withShares<T>(
  context: DeployContext,
  work: (having: DeployContext) => Promise<T>,
): Promise<T> {
  const { deployment, askForShares } = context;
  if (!askForShares || !areSharesElsewhere(deployment.home)) return work(context);
  return withSharesSocket(askForShares, (sharesSocket) => work({ ...context, sharesSocket }));
}
