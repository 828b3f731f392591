import type { Deployment } from "../../model/deployment";
import type { ProvenShares } from "../../operations/shares/prove";
import { defineCommand, type Outcome, underLock } from "../define-command";
import { sharesGiven, sharesOptions } from "../input/shares-input";
import { instanceOptions, option } from "../options/options";

const proveOption = option(
  "--prove",
  "prove that the shares would unseal Vault: make root tokens with them, and revoke these",
);

/** `shares status`: shows where the unseal key shares are. */
export const register = defineCommand({
  name: "status",
  summary: "show where the unseal key shares are, and which backups they open",
  options: [proveOption, instanceOptions, sharesOptions],
  needs: "deployed",
  ownVault: ["What this command shows", "Its owner knows where they are."],
  run: async ({ deployment, options }) => {
    if (!options.prove) return show(deployment);
    return underLock("shares status", deployment, options, {}, async () => {
      const { proveByDrill } = await import("../../operations/shares/prove");
      const { askForShares } = sharesGiven(options);
      return show(deployment, await proveByDrill(deployment, askForShares));
    });
  },
});

async function show(deployment: Deployment, proven?: ProvenShares): Promise<Outcome> {
  const { readSharesStatus, renderSharesStatus } = await import("../../operations/shares/status");
  const status = await readSharesStatus(deployment, proven);
  return { json: status, view: renderSharesStatus(status) };
}
