import { existsSync } from "node:fs";
import { type StackName, stackNames } from "../../model/home-paths";
import { addressesIn, type State } from "../../model/terraform-state";
import { isStateElsewhere } from "../../terraform/kept-backend";
import { drift, ProbeSkipped } from "../finding";
import { probe } from "../probe";
import { readStateFile } from "../read-state";

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
export const state = probe("state", async (context) => {
  // The probe `settings` reports the changed backend.
  if (isStateElsewhere(context.declared)) throw new ProbeSkipped(movedByUp);
  const { home, deployed, record } = context;
  const isLocal = deployed.settings.terraform.backend.type === "local";
  const states = await Promise.all(stackNames.map((stack) => context.states[stack]()));
  return stackNames.map((stack, index) => {
    const lost = differenceOf(states[index], record?.states?.[stack], () =>
      readStateFile(home.deployedState(stack)),
    );
    if (!lost) return [];
    const [summary, compared] = lost;
    return drift(`state.${stack}`, "major", `state of the stack ${stack}`, {
      summary,
      compared,
      fix: isLocal && existsSync(home.deployedState(stack)) ? undefined : "openclaw-openrouter state adopt",
      explains: planned[stack],
    });
  });
});

type Difference = readonly [summary: string, compared: readonly [string, string, string]];

/** The difference by which a state does not continue the one from the last deploy. */
export function differenceOf(
  now: State | undefined,
  recorded: { readonly lineage: string; readonly serial: number } | undefined,
  copy: () => State | undefined,
): Difference | undefined {
  if (!now) {
    const summary = "The state is gone: the next deploy would start from nothing";
    return [summary, [recorded?.lineage ?? "there", "gone", "lineage"]];
  }
  if (!recorded) return undefined;
  const { lineage, serial } = recorded;
  if (now.lineage !== lineage)
    return ["The state belongs to another stack", [lineage, now.lineage, "lineage"]];
  if (now.serial < serial)
    return ["The state is older than the deployed one", [String(serial), String(now.serial), "serial"]];
  const missing = missingIn(now, copy()).join(", ");
  const summary = "The state misses deployed resources: the next deploy would create them again";
  return missing ? [summary, [missing, "not in it", "resources"]] : undefined;
}

/** The resources missing from a state that has no new ones, as after `terraform state rm`. */
function missingIn(now: State, deployed: State | undefined): string[] {
  const were = new Set(addressesIn(deployed));
  const are = new Set(addressesIn(now));
  // An interrupted run can have replaced what it removed.
  if ([...are].some((address) => !were.has(address))) return [];
  return [...were].filter((address) => !are.has(address));
}
