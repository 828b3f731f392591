import { UserError } from "../core/errors";
import { addressesOf, isVaultElsewhere } from "../model/deployment";
import type { StackName } from "../model/home-paths";
import { isStateElsewhere } from "../terraform/kept-backend";
import type { AuditorPlan } from "./auditor-plan";
import type { DriftContext } from "./context";
import { type Finding, ProbeSkipped } from "./finding";
import { planFindings } from "./plan-findings";
import { movedByUp } from "./probes/state";

/** The findings of each stack's plan. They reject with {@link ProbeSkipped} if the stack cannot be planned. */
export type StackPlans = Readonly<Record<StackName, Promise<readonly Finding[]>>>;

/** Begins the plans of both stacks, in one run if possible, else each as soon as possible. */
export function beginPlans(context: DriftContext, plan: AuditorPlan | undefined): StackPlans {
  const both = planBoth(context, plan);
  const begin = (stack: StackName) => {
    const findings = both.then((found) => found?.[stack] ?? planStack(context, plan, stack));
    // The plan can fail before a caller awaits it: without this handler, Node would end the process.
    findings.catch(() => {});
    return findings;
  };
  return { vault: begin("vault"), openrouter: begin("openrouter") };
}

type Findings = Readonly<Record<StackName, readonly Finding[]>>;

async function planBoth(context: DriftContext, plan: AuditorPlan | undefined): Promise<Findings | undefined> {
  if (!plan || isStateElsewhere(context.declared) || isVaultElsewhere(context.declared, context.deployed))
    return undefined;
  try {
    await context.auditor();
    const changes = await plan.compareBoth();
    return (
      changes && {
        vault: planFindings("vault", changes.vault),
        openrouter: planFindings("openrouter", changes.openrouter),
      }
    );
  } catch {
    // The separate plan of each stack reports the reason.
    return undefined;
  }
}

async function planStack(
  context: DriftContext,
  plan: AuditorPlan | undefined,
  stack: StackName,
): Promise<readonly Finding[]> {
  if (!plan)
    throw new ProbeSkipped(
      context.options.host.engine || context.deployed.external
        ? "Terraform cannot be run"
        : "no Docker Engine answers",
    );
  if (isStateElsewhere(context.declared)) throw new ProbeSkipped(movedByUp);
  // The probe of the states reports why. Terraform would wait without end for a backend that does not answer.
  await context.states[stack]().catch(() => {
    throw new ProbeSkipped("its state cannot be read");
  });
  if (stack === "openrouter") {
    if (isVaultElsewhere(context.declared, context.deployed)) throw notDeployedThere(context);
    await context.auditor();
  }
  return planFindings(stack, await plan.compare(stack));
}

function notDeployedThere({ declared, deployed }: DriftContext): UserError {
  return new UserError({
    problem: "The settings name another Vault than the deployed one, which gets no credential from here.",
    got: addressesOf(declared),
    expected: addressesOf(deployed),
    fix: "openclaw-openrouter up",
  });
}
