import { defineCommand } from "../define-command";
import { sharesOptions } from "../input/shares-input";
import { instanceOptions } from "../options/options";

/** `vault unseal`: unseals Vault after a reboot or a stop of its container. */
export const register = defineCommand({
  name: "unseal",
  summary: "start the container if it is stopped, and unseal Vault",
  options: [instanceOptions, sharesOptions],
  needs: "engine",
  run: async ({ context }) => {
    const { requireVault } = await import("../../session/require-vault");
    const { place: _, ...opened } = await requireVault(context, { writeTokenHelper: true });
    return { json: opened };
  },
});
