import { existsSync } from "node:fs";
import { isStateElsewhere } from "../../deploy/state/kept-backend";
import { type StackName, stackNames } from "../../model/home-paths";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, NotLooked, type Probe } from "../finding";

/** What each stack's plan says without its state. */
const planned: Record<StackName, readonly string[]> = {
  vault: ["plan.docker_*", "plan.terraform_data.bootstrap*", "plan.terraform_data.server*"],
  openrouter: ["plan.vault_*", "plan.local_file.*", "plan.terraform_data.*"],
};

/** Why states are not looked at that the settings keep elsewhere now. */
export const movedByUp =
  "the settings keep Terraform's state in another place than it is in: up --migrate-state moves it";

/** Terraform's states: there, and those that the last deploy left, or what came of them. */
export const state: Probe = {
  id: "state",
  async look(context) {
    // That the settings keep it elsewhere now is the settings' finding.
    if (isStateElsewhere(context.declared)) throw new NotLooked(movedByUp);
    const [vault, openrouter] = await Promise.all([context.vaultState(), context.openrouterState()]);
    const states = { vault, openrouter };
    return stackNames.flatMap((stack): Finding[] => {
      const recorded = context.record?.states?.[stack];
      const now = states[stack];
      if (!now) return [differs(context, stack, "The state is gone", recorded?.lineage ?? "there", "gone")];
      if (!recorded) return [];
      if (now.lineage !== recorded.lineage)
        return [differs(context, stack, "It is another stack's state", recorded.lineage, now.lineage)];
      if (now.serial < recorded.serial)
        return [
          differs(
            context,
            stack,
            "It is an older state",
            `serial ${recorded.serial}`,
            `serial ${now.serial}`,
          ),
        ];
      return [];
    });
  },
};

function differs(
  { home, deployed }: DriftContext,
  stack: StackName,
  seen: string,
  declared: string,
  found: string,
): Finding {
  const isKept =
    deployed.settings.terraform.backend.type === "local" && existsSync(home.deployedState(stack));
  return drift({
    id: `state.${stack}`,
    severity: "major",
    subject: `state of the stack ${stack}`,
    seen: `${seen}: the next deploy would begin anew`,
    field: "lineage",
    declared,
    found,
    ...(isKept ? {} : { mend: byPerson("npx openclaw-openrouter adopt") }),
    explains: planned[stack],
  });
}
