import { createdAt, isRootToken } from "../../vault/identities/tokens";
import { byPerson, drift } from "../finding";
import type { Probe } from "../probe";

/** Inspects that no root token is active. */
export const vaultTokens: Probe = {
  id: "vault.tokens",
  managedOnly: true,
  async inspect(context) {
    const roots = (await context.tokens()).filter(isRootToken);
    const byHand = byPerson(
      `docker exec ${context.deployed.container} vault token revoke -accessor …  (with an operator's token)`,
    );
    return roots.map((token) => {
      const { accessor } = token;
      const created = createdAt(token);
      return drift({
        id: `vault.root-token:${accessor}`,
        severity: "critical",
        subject: "tokens",
        summary: "A root token is active: whoever has it can do everything in this Vault",
        field: "policies",
        expected: "no root token",
        actual: `accessor ${accessor}`,
        ...(created ? { since: created } : {}),
        ...(context.sharesAreHere ? {} : { fix: byHand }),
      });
    });
  },
};
