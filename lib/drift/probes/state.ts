import { existsSync } from "node:fs";
import { readTextIfThere } from "../../core/files/files";
import { type StackName, stackNames } from "../../model/home-paths";
import { addressesIn, parseState, type State } from "../../model/terraform-state";
import { isStateElsewhere } from "../../terraform/kept-backend";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, ProbeSkipped } from "../finding";
import type { Probe } from "../probe";

/** The findings of each stack's plan that follow if its state is lost. */
const planned: Record<StackName, readonly string[]> = {
  vault: [
    "plan.docker_*",
    "plan.terraform_data.bootstrap*",
    "plan.terraform_data.server*",
    "plan.vault.unknown",
  ],
  openrouter: ["plan.vault_*", "plan.local_file.*", "plan.terraform_data.*", "plan.openrouter.unknown"],
};

/** The reason to skip states that the settings now place in another backend. */
export const movedByUp =
  "Terraform's state is not in the backend that the settings name (fix: openclaw-openrouter state move)";

/** Inspects that Terraform's states exist and continue the ones from the last deploy. */
export const state: Probe = {
  id: "state",
  async inspect(context) {
    // The probe `settings` reports the changed backend.
    if (isStateElsewhere(context.declared)) throw new ProbeSkipped(movedByUp);
    const [vault, openrouter] = await Promise.all([context.vaultState(), context.openrouterState()]);
    const states = { vault, openrouter };
    return stackNames.flatMap((stack) => {
      const difference = differenceOf(states[stack], context.record?.states?.[stack], () =>
        deployedCopy(context, stack),
      );
      return difference ? [lost(context, stack, difference)] : [];
    });
  },
};

type Difference = Required<Pick<Finding, "summary" | "field" | "expected" | "actual">>;

/** The difference by which a state does not continue the one from the last deploy. */
function differenceOf(
  now: State | undefined,
  recorded: { lineage: string; serial: number } | undefined,
  copy: () => State | undefined,
): Difference | undefined {
  const differs = (summary: string, field: string, expected: string | number, actual: string | number) => ({
    summary,
    field,
    expected: String(expected),
    actual: String(actual),
  });
  if (!now)
    return differs(
      "The state is gone: the next deploy would start from nothing",
      "lineage",
      recorded?.lineage ?? "there",
      "gone",
    );
  if (!recorded) return undefined;
  if (now.lineage !== recorded.lineage)
    return differs("The state belongs to another stack", "lineage", recorded.lineage, now.lineage);
  if (now.serial < recorded.serial)
    return differs("The state is older than the deployed one", "serial", recorded.serial, now.serial);
  const missing = missingIn(now, copy());
  if (missing.length === 0) return undefined;
  return differs(
    "The state misses deployed resources: the next deploy would create them again",
    "resources",
    missing.join(", "),
    "not in it",
  );
}

/** The copy of the state from the last deploy; undefined if there is none. */
function deployedCopy({ home }: DriftContext, stack: StackName): State | undefined {
  try {
    return parseState(JSON.parse(readTextIfThere(home.deployedState(stack)) ?? "null"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The resources missing from a state that has no new ones, as after `terraform state rm`. */
function missingIn(now: State, deployed: State | undefined): string[] {
  const were = new Set(addressesIn(deployed));
  const are = new Set(addressesIn(now));
  // An interrupted run can have replaced what it removed.
  if ([...are].some((address) => !were.has(address))) return [];
  return [...were].filter((address) => !are.has(address));
}

function lost({ home, deployed }: DriftContext, stack: StackName, difference: Difference): Finding {
  const isKept =
    deployed.settings.terraform.backend.type === "local" && existsSync(home.deployedState(stack));
  return drift({
    id: `state.${stack}`,
    severity: "major",
    subject: `state of the stack ${stack}`,
    ...difference,
    ...(isKept ? {} : { fix: byPerson("openclaw-openrouter state adopt") }),
    explains: planned[stack],
  });
}
