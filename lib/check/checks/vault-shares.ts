import { sandboxInstance } from "../../config/sandbox";
import { daysBetween } from "../../core/time";
import { pass, skip, warn } from "../../report/finding";
import { readMovedOff } from "../../store/shares-record";
import { readShares } from "../../vault/shares/shares-file";
import type { Check } from "../check";

export const vaultShares: Check = {
  id: "vault.shares",
  why: "Whoever reads the unseal shares can read every secret in Vault: keep the shares with people, not on the host.",
  needs: [],
  async run({ parameters, home, now }) {
    if (parameters.external) return skip("the shares of an external Vault are its owner's");
    const shares = readShares(home.shares);
    if (!shares) {
      const moved = readMovedOff(home)?.movedOff;
      return pass(`the shares are off this host${moved ? ` since ${moved.slice(0, 10)}` : ""}`);
    }
    if (parameters.instance === sandboxInstance) return pass("the sandbox keeps its shares on this host");
    const which = parameters.seal === undefined ? "unseal" : "recovery";
    const days = Math.floor(daysBetween(shares.created, now()));
    const age = days === 1 ? "1 day" : `${days} days`;
    return warn(
      `the ${which} shares are on this host, for ${age} now: ${home.shares}`,
      "Distribute them: openclaw-openrouter shares export\nThen remove them from this host: openclaw-openrouter shares remove",
    );
  },
};
