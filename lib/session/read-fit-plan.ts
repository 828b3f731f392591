import { isOurs } from "../docker/ours";
import { changedContainers, foreignLoss, type Plan, refuseLoss, refuseUnwritable } from "../terraform/plan";
import type { Terraform } from "../terraform/terraform";
import type { DeployContext } from "./context";
import { renewal } from "./require-vault";

/**
 * Reads a saved plan before it is applied.
 * @throws UserError if it would remove what may not be lost or is not the instance's, or write what only bootstrap may
 */
export async function readFitPlan(
  context: Pick<DeployContext, "deployment" | "instanceId"> & {
    readonly host: Pick<DeployContext["host"], "engine">;
  },
  terraform: Pick<Terraform, "show">,
): Promise<Plan> {
  const { deployment, instanceId, host } = context;
  const plan = await terraform.show();
  refuseLoss(plan, instanceId);
  refuseUnwritable(plan, renewal(deployment));
  for (const changed of changedContainers(plan)) {
    const id = changed.change.before?.id;
    if (!host.engine || !id) throw foreignLoss(changed, instanceId);
    const found = await host.engine.api.inspectContainer(id);
    if (found && !isOurs(found, instanceId)) throw foreignLoss(changed, instanceId);
  }
  return plan;
}
