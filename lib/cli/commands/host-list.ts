import { defineCommand } from "../define-command";
import { managementKeyGiven } from "../input/key-input";
import { instanceOptions } from "../options/options";

/** `host list`: lists the OpenClaw hosts that use this instance's Vault. */
export const register = defineCommand({
  name: "list",
  summary: "list the OpenClaw hosts that use this Vault, with last logins, limits and spending",
  options: [instanceOptions],
  help: `Times are UTC, amounts USD. With OPENROUTER_MANAGEMENT_KEY it shows each key's
limit as OpenRouter has it now, and what was spent this month.`,
  needs: "deployed",
  uses: ["network"],
  reads: ["OPENROUTER_MANAGEMENT_KEY"],
  servesSandbox: true,
  run: async ({ deployment }) => {
    const { listHosts } = await import("../../operations/hosts/list");
    const { describeHosts } = await import("../host-table");
    const { signal } = new AbortController();
    const listed = await listHosts(deployment, { managementKey: managementKeyGiven(), signal });
    const view =
      listed.hosts.length > 0
        ? describeHosts(listed)
        : "No host was invited. To invite one: openclaw-openrouter host invite NAME";
    return { json: listed, view };
  },
});
