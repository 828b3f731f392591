import { existsSync } from "node:fs";
import { UserError } from "../core/errors";
import type { Deployment } from "../model/deployment";
import { type StackName, stackNames } from "../model/home-paths";
import { ownerOf, parseState, type State } from "../model/terraform-state";
import { adoptionRecord } from "../store/adoption-record";
import { deployedRecord } from "../store/deployed-record";
import { requireStatePlace } from "../terraform/kept-backend";
import { stateStore } from "../terraform/state-store";
import type { DeployContext } from "./context";

/** The states in the settings' backend, by stack; undefined if there is none. */
export type States = Readonly<Record<StackName, State | undefined>>;

/**
 * Checks that Terraform's states continue those of the last deploy: with another state, or none, a plan would create existing
 * resources again.
 * @throws UserError if they do not, with the fix
 */
export async function requireStates(context: DeployContext): Promise<void> {
  const { deployment } = context;
  const { home } = deployment;
  requireStatePlace(deployment);
  if (adoptionRecord.read(home)) throw interruptedAdoption(deployment);
  const states = await readStates(context);
  refuseOtherStates(context, states);
  const recorded = deployedRecord.read(home)?.states ?? {};
  const lost = stackNames.filter((stack) => recorded[stack] && !states[stack]);
  if (lost.length > 0) throw stateLost(deployment, lost);
}

export async function readStates(context: DeployContext): Promise<States> {
  const { backend } = context.deployment.settings.terraform;
  const [vault, openrouter] = await Promise.all(
    stackNames.map(async (stack) => parseState(await stateStore(context, stack, backend).read())),
  );
  return { vault, openrouter };
}

/**
 * @param begun the stacks whose states are being re-created, with a lineage that is not recorded yet
 * @throws UserError if a state is another instance's, or has another lineage than at the last deploy
 */
export function refuseOtherStates(
  { deployment, instanceId }: DeployContext,
  states: States,
  begun: readonly StackName[] = [],
): void {
  const owner = ownerOf(states.vault);
  if (owner && owner !== instanceId) throw anothersState(deployment, owner, instanceId);
  const recorded = deployedRecord.read(deployment.home)?.states ?? {};
  for (const stack of stackNames) {
    const [was, now] = [recorded[stack], states[stack]];
    if (was && now && was.lineage !== now.lineage && !begun.includes(stack))
      throw otherLineage(deployment, stack, was.lineage, now.lineage);
  }
}

export function stateLost(deployment: Deployment, lost: readonly StackName[]): UserError {
  const { home, settings, instance } = deployment;
  const isKept =
    settings.terraform.backend.type === "local" &&
    lost.every((stack) => existsSync(home.deployedState(stack)));
  const adopt = `openclaw-openrouter state adopt --instance ${instance}\nwhich takes over what is there, and replaces the container`;
  return new UserError({
    problem: `Terraform's state is gone, and what it told of may be there: ${stacksInWords(lost)}. Nothing was changed.`,
    got: "no state",
    expected: "the state that the last deploy left",
    fix: isKept
      ? `openclaw-openrouter drift --fix --instance ${instance}\nwhich restores the last deploy's copy; or\n${adopt}`
      : adopt,
  });
}

function interruptedAdoption({ instance }: Deployment): UserError {
  return new UserError({
    problem: "An adoption of resources without a state was interrupted.",
    fix: `openclaw-openrouter state adopt --instance ${instance}\nwhich resumes it`,
  });
}

function anothersState({ settings }: Deployment, owner: string, id: string): UserError {
  return new UserError({
    problem: "This state is another instance's. Nothing was changed.",
    got: `a state of the instance with id ${owner}`,
    expected: `one of the instance with id ${id}, or none`,
    fix:
      settings.terraform.backend.type === "local"
        ? "Restore the right state from a backup of the instance directory."
        : "Give each instance its own place: another schema, key or path in `terraform.backend.config`.",
  });
}

function otherLineage(deployment: Deployment, stack: StackName, was: string, now: string): UserError {
  const { home, settings, instance } = deployment;
  const isLocal = settings.terraform.backend.type === "local";
  const isKept = isLocal && existsSync(home.deployedState(stack));
  const [place, aside] = isLocal
    ? [home.state(stack), "move that file away"]
    : ["the backend", "remove it from the backend, or name another place there"];
  return new UserError({
    problem: `The state of the stack ${stack} is not the one that the last deploy left. Nothing was changed.`,
    got: `lineage ${now} in ${place}`,
    expected: `lineage ${was}`,
    fix: [
      ...(isKept
        ? [`openclaw-openrouter drift --fix --instance ${instance}  restores the last deploy's copy.`]
        : ["Restore the right one."]),
      `If that one is lost, ${aside}, then: openclaw-openrouter state adopt --instance ${instance}`,
    ].join("\n"),
  });
}

function stacksInWords(stacks: readonly StackName[]): string {
  return `${stacks.length > 1 ? "stacks" : "stack"} ${stacks.join(" and ")}`;
}
