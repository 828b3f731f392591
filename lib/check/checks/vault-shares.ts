import { sandboxInstance } from "../../config/sandbox";
import { counted, quote } from "../../core/text";
import { daysBetween, minuteOf } from "../../core/time";
import { fail, pass, skip } from "../../report/finding";
import { readMovedOff } from "../../store/records/shares-record";
import { inspectShares, withoutShares } from "../../vault/shares/inspect-shares";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("vault.shares");

const problems = {
  missing: "is gone, and `shares remove` did not remove it",
  others: "holds other shares than Vault accepted",
  unreadable: "cannot be read",
};

/** @param at in Go's form; the container's clock is in UTC */
function since(at = ""): string {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d/.test(at) ? ` since ${minuteOf(at)}` : "";
}

export const vaultShares: Check = {
  id: "vault.shares",
  why: "Whoever reads the unseal shares can read every secret in Vault: keep the shares with people, not on the host.",
  needs: [],
  async run(context) {
    const { parameters, home, now } = context;
    if (parameters.external) return skip("the shares of an external Vault are its owner's");
    const { seal } = parameters;
    const health = seal === undefined ? undefined : await context.sealHealth();
    if (seal !== undefined && health?.healthy === false)
      return fail(
        `Vault could not be unsealed after a restart: its ${seal} does not work${since(health.unhealthy_since)}`,
        `Before Vault restarts: have the service of \`vault.seal\` in the settings answer, and accept the credentials. If those have ended, write new ones to their file, then: openclaw-openrouter up\nThe reason is in Vault's log: docker logs ${quote(parameters.container)}`,
      );
    const found = inspectShares(home);
    if (found.is === "missing" || found.is === "others" || found.is === "unreadable")
      return fail(
        `Vault could not be unsealed after a restart: ${home.shares} ${problems[found.is]}`,
        withoutShares,
      );
    const shares = "shares" in found ? found.shares : undefined;
    if (!shares) {
      const moved = readMovedOff(home)?.movedOff;
      return pass(`the shares are off this host${moved ? ` since ${moved.slice(0, 10)}` : ""}`);
    }
    if (parameters.instance === sandboxInstance) return pass("the sandbox keeps its shares on this host");
    const which = seal === undefined ? "unseal" : "recovery";
    const days = Math.floor(daysBetween(shares.created, now()));
    return warn(
      "on-host",
      `the ${which} shares are on this host, for ${counted(days, "day")} now: ${home.shares}`,
      "Distribute them: openclaw-openrouter shares export\nThen remove them from this host: openclaw-openrouter shares remove",
    );
  },
};
