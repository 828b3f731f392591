import { defineCommand } from "../define-command";
import { sharesOptions } from "../input/shares-input";
import { instanceOptions } from "../options/options";

/** `vault renew-identities`: writes policies and identities again with a temporary root token. */
export const register = defineCommand({
  name: "renew-identities",
  summary: "write policies, roles and credentials again, with a temporary root token made from the shares",
  options: [instanceOptions, sharesOptions],
  needs: "context",
  run: async ({ context }) => {
    const { recover } = await import("../../operations/recover");
    const { place: _, ...opened } = await recover(context);
    return {
      json: opened,
      text: "Policies and identities are written again, and the root token is revoked.",
    };
  },
});
