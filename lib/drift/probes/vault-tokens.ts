import { createdAt, isRootToken } from "../../vault/identities/tokens";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** Inspects that no root token is active. */
export const vaultTokens = managedProbe("vault.tokens", async (context) => {
  const roots = (await context.tokens()).filter(isRootToken);
  return roots.map((token) =>
    drift(`vault.root-token:${token.accessor}`, "critical", "tokens", {
      summary: "A root token is active: whoever has it can do everything in this Vault",
      compared: ["no root token", `accessor ${token.accessor}`, "policies"],
      since: createdAt(token),
      // It revokes every root token at its end; an operator's token may revoke none.
      fix: context.renewal,
    }),
  );
});
