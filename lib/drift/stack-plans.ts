import { isStateElsewhere } from "../deploy/state/kept-backend";
import type { StackName } from "../model/home-paths";
import type { AuditorPlan } from "./auditor-plan";
import type { DriftContext } from "./context";
import { type Finding, NotLooked } from "./finding";
import { planFindings } from "./plan-findings";
import { movedByUp } from "./probes/state";

/** What the plan of each stack finds. They reject with {@link NotLooked} where there is nothing to plan with. */
export type StackPlans = Readonly<Record<StackName, Promise<readonly Finding[]>>>;

/** Begins the plans of both stacks, each as soon as it can be made. */
export function beginPlans(context: DriftContext, plan: AuditorPlan | undefined): StackPlans {
  const begin = (stack: StackName) => {
    const findings = planStack(context, plan, stack);
    // Whoever waits for it is told; that may be later than it fails.
    findings.catch(() => {});
    return findings;
  };
  // It waits for the auditor's login, and takes longer.
  const openrouter = begin("openrouter");
  return { vault: begin("vault"), openrouter };
}

async function planStack(
  context: DriftContext,
  plan: AuditorPlan | undefined,
  stack: StackName,
): Promise<readonly Finding[]> {
  if (!plan)
    throw new NotLooked(
      context.options.host.engine || context.deployed.existing
        ? "Terraform cannot be run"
        : "no Docker Engine answers",
    );
  if (isStateElsewhere(context.declared)) throw new NotLooked(movedByUp);
  if (stack === "openrouter") await context.auditor();
  return planFindings(stack, await plan.compare(stack));
}
