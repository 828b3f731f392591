import { activeRootTokens } from "../../vault/identities/tokens";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** Inspects that no root token is active. */
export const vaultTokens = managedProbe("vault.tokens", async (context) => {
  const roots = await activeRootTokens(await context.auditor());
  const byHand = `docker exec ${context.deployed.container} vault token revoke -accessor …  (with an operator's token)`;
  return roots.map(({ accessor, created }) =>
    drift(`vault.root-token:${accessor}`, "critical", "tokens", {
      summary: "A root token is active: whoever has it can do everything in this Vault",
      compared: ["no root token", `accessor ${accessor}`, "policies"],
      since: created,
      fix: context.sharesAreHere ? undefined : byHand,
    }),
  );
});
