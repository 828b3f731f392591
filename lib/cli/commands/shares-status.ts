import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `shares status`: shows where the unseal key shares are. */
export const register = defineCommand({
  name: "status",
  summary: "show where the unseal key shares are, and which backups they open",
  options: [instanceOptions],
  needs: "deployed",
  ownVault: ["What this command shows", "Its owner knows where they are."],
  run: async ({ deployment, options }) => {
    const { readSharesStatus, renderSharesStatus } = await import("../../operations/shares/status");
    const status = await readSharesStatus(deployment);
    return { json: status, text: options.json ? undefined : renderSharesStatus(status) };
  },
});
