import { pass } from "../../report/finding";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("vault.unsealed");

export const vaultUnsealed: Check = {
  id: "vault.unsealed",
  why: "Nobody can read the key from a sealed Vault, and Vault is sealed after each restart.",
  needs: ["vault.reachable"],
  async run(context) {
    const { started, unsealed } = await context.open();
    if (!started && !unsealed) return pass("initialized, unsealed and active");
    const why = "See why: `docker logs`, and the host's own log.";
    // It was paused, or its own seal unseals it.
    if (!unsealed)
      return warn(
        "started",
        "The container was stopped or paused; it was started now, and Vault is unsealed",
        why,
      );
    const was = started ? "The container was stopped" : "Vault was sealed";
    const done = started ? "started and unsealed" : "unsealed";
    return warn(
      started ? "started" : "unsealed",
      `${was}; it was ${done} now, with the shares on this host`,
      `${why} After each restart: \`openclaw-openrouter vault unseal\`.`,
    );
  },
};
