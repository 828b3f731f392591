import { livingRootTokens } from "../../vault/tokens";
import { byPerson, drift, type Probe } from "../finding";

/** No root token lives after a deploy. */
export const vaultTokens: Probe = {
  id: "vault.tokens",
  ofExisting: false,
  async look(context) {
    const roots = await livingRootTokens(await context.auditor());
    const byHand = byPerson(
      `docker exec ${context.deployed.container} vault token revoke -accessor …  (with an operator's token)`,
    );
    return roots.map(({ accessor, created }) =>
      drift({
        id: `vault.root-token:${accessor}`,
        severity: "critical",
        subject: "tokens",
        seen: "A root token lives: whoever has it may do everything in this Vault",
        field: "policies",
        declared: "no root token",
        found: `accessor ${accessor}`,
        ...(created ? { since: created } : {}),
        ...(context.sharesAreHere ? {} : { mend: byHand }),
      }),
    );
  },
};
