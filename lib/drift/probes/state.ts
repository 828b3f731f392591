import { existsSync } from "node:fs";
import { readTextIfThere } from "../../core/files/files";
import { type StackName, stackNames } from "../../model/home-paths";
import { addressesIn, parseState, type State } from "../../model/terraform-state";
import { isStateElsewhere } from "../../terraform/kept-backend";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, ProbeSkipped } from "../finding";
import type { Probe } from "../probe";

/** What each stack's plan says without its state. */
const planned: Record<StackName, readonly string[]> = {
  vault: [
    "plan.docker_*",
    "plan.terraform_data.bootstrap*",
    "plan.terraform_data.server*",
    "plan.vault.unknown",
  ],
  openrouter: ["plan.vault_*", "plan.local_file.*", "plan.terraform_data.*", "plan.openrouter.unknown"],
};

/** Why states are skipped that the settings keep elsewhere now. */
export const movedByUp =
  "the settings keep Terraform's state in another place than it is in: state move moves it";

/** Terraform's states: there, and those that the last deploy left, or what came of them. */
export const state: Probe = {
  id: "state",
  async inspect(context) {
    // That the settings keep it elsewhere now is the settings' finding.
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

/** How a state is not the one that the last deploy left, nor what came of it. */
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
      "The state is gone: the next deploy would start again",
      "lineage",
      recorded?.lineage ?? "there",
      "gone",
    );
  if (!recorded) return undefined;
  if (now.lineage !== recorded.lineage)
    return differs("It is another stack's state", "lineage", recorded.lineage, now.lineage);
  if (now.serial < recorded.serial)
    return differs("It is an older state", "serial", recorded.serial, now.serial);
  const missing = missingIn(now, copy());
  if (missing.length === 0) return undefined;
  return differs(
    "It does not know all that was deployed: the next deploy would make it again",
    "resources",
    missing.join(", "),
    "not in it",
  );
}

/** The state that the last deploy left, where it is kept as a file. */
function deployedCopy({ home }: DriftContext, stack: StackName): State | undefined {
  try {
    return parseState(JSON.parse(readTextIfThere(home.deployedState(stack)) ?? "null"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What is not in a state any more that else has nothing new: `terraform state rm` leaves one like that. */
function missingIn(now: State, deployed: State | undefined): string[] {
  const were = new Set(addressesIn(deployed));
  const are = new Set(addressesIn(now));
  // A run that was interrupted may have made something instead of what it removed.
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
