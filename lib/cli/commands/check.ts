import { existsSync } from "node:fs";
import type { Deployment } from "../../model/deployment";
import { notDeployed } from "../../session/not-deployed";
import { defineCommand } from "../define-command";
import { runOnHosts } from "../on-hosts";
import { checkOptions } from "../options/check-options";
import { hostsOptions } from "../options/hosts-options";
import { instanceOptions, scheduledOption } from "../options/options";

/** `check`: checks the key, its budget, the models, and a chat. */
export const register = defineCommand({
  name: "check",
  summary: "check Vault, the key, its budget, the models, a chat, and OpenClaw's files",
  options: [instanceOptions, checkOptions, hostsOptions, scheduledOption],
  needs: "deployed",
  uses: ["engine", "network"],
  onJoined: true,
  elsewhere: (call) => runOnHosts(call, ["only", "skip", "spend", "gateway", "strict", "timeout"]),
  run: async ({ deployment, options }) => {
    assertDeployed(deployment);
    const { checkAndRecord } = await import("../runs/check");
    return checkAndRecord(deployment, options);
  },
});

/** @throws UserError (not deployed) if nothing is deployed yet; a remote state is not read */
export function assertDeployed({ instance, home, settings, external }: Deployment): void {
  if (external?.joinedAs !== undefined) return;
  if (settings.terraform.backend.type !== "local" || existsSync(home.state("openrouter"))) return;
  throw notDeployed(instance, `no ${home.state("openrouter")}`);
}
