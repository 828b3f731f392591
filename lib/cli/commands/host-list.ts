import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `host list`: lists the OpenClaw hosts that use this instance's Vault. */
export const register = defineCommand({
  name: "list",
  summary: "list the OpenClaw hosts that use this Vault",
  options: [instanceOptions],
  needs: "deployed",
  run: async ({ deployment }) => {
    const { describeHost, listHosts } = await import("../../operations/hosts/list");
    const hosts = await listHosts(deployment);
    return {
      json: { hosts },
      text: hosts.map(describeHost).join("\n") || "No host was invited: openclaw-openrouter host invite NAME",
    };
  },
});
