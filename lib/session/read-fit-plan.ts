import { type Plan, refuseLoss, refuseUnwritable } from "../terraform/plan";
import type { Terraform } from "../terraform/terraform";
import type { DeployContext } from "./context";
import { renewal } from "./require-vault";

/**
 * Reads a saved plan before it is applied.
 * @throws UserError if it would remove what may not be lost, or write what only bootstrap may
 */
export async function readFitPlan(
  { deployment, instanceId }: Pick<DeployContext, "deployment" | "instanceId">,
  terraform: Pick<Terraform, "show">,
): Promise<Plan> {
  const plan = await terraform.show();
  refuseLoss(plan, instanceId);
  refuseUnwritable(plan, renewal(deployment));
  return plan;
}
