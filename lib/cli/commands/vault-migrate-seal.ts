import { defineCommand } from "../define-command";
import { sharesOptions } from "../input/shares-input";
import { instanceOptions } from "../options/options";

/** `vault migrate-seal`: moves Vault from people's shares to a service that unseals it, and back. */
export const register = defineCommand({
  name: "migrate-seal",
  summary: "move Vault to the seal that `vault.seal` of the settings names; takes a snapshot first",
  options: [instanceOptions, sharesOptions],
  needs: "context",
  servesSandbox: true,
  run: async ({ context }) => {
    const { requireSameImage } = await import("../../operations/deploy/up");
    // Its plan would replace the container by one of the new image as well.
    requireSameImage(context.deployment);
    const { migrateSeal } = await import("../../operations/migrate-seal");
    const { from, to, snapshot } = await migrateSeal(context);
    const use = to === "shamir" ? "unseal it" : "recover it, and unseal nothing";
    return snapshot
      ? {
          json: { from, to, snapshot },
          text: `Vault has the seal ${to} now, instead of ${from}. The shares are the same: they ${use}.
The previous snapshot: ${snapshot}`,
        }
      : { json: { from, to }, text: `Vault already has the seal ${to}: nothing was changed.` };
  },
});
