import { type Check, pass, warn } from "../check";

export const vaultReachable: Check = {
  id: "vault.reachable",
  why: "The key lies in Vault: OpenClaw cannot start without it.",
  needs: [],
  async run(context) {
    const { vaultVersion, address } = context.parameters;
    const { status } = await context.reach();
    const seen = `Vault ${status.version} answers at ${address}`;
    if (vaultVersion === undefined || status.version === vaultVersion) return pass(seen);
    return warn(`${seen}; declared is ${vaultVersion}`, "npx openclaw-openrouter up");
  },
};
