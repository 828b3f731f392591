import { wrongUsage } from "../../core/errors";
import { minuteOf } from "../../core/time";
import { browserNotice, exportLine, readableCa, tunnelLine } from "../../session/how-to-reach-vault";
import { defineCommand } from "../define-command";
import { sharesOptions } from "../input/shares-input";
import { durationOption, instanceOptions } from "../options/options";
import { print, say } from "../output";

/** @throws UserError (wrong usage) if the token would have no end of its own: Vault takes 0 for its own maximum, a month */
function requireLifetime(ttl: number): void {
  if (ttl > 0) return;
  throw wrongUsage({
    problem: "A token has to last for a while.",
    got: "--ttl 0",
    expected: "1s or more, such as 30m",
  });
}

/** `vault login`: creates a token for a person. */
export const register = defineCommand({
  name: "login",
  summary: "create a token with which a person manages the secrets under secret/ for a while",
  options: [
    durationOption("--ttl <duration>", "how long the token lasts, such as 30m", 3600),
    instanceOptions,
    sharesOptions,
  ],
  needs: "context",
  check: ({ options }) => requireLifetime(options.ttl),
  run: async ({ context, deployment, options }) => {
    const { login } = await import("../../operations/login");
    const { token, expires } = await login(context, options.ttl);
    const { address } = deployment;
    const caFile = readableCa(deployment);
    say(`This token reads and writes all under secret/ until ${minuteOf(expires)}, and
can do nothing else. In a shell:
  ${exportLine({ address, ...(caFile ? { caFile } : {}) })} VAULT_TOKEN=…
In the web interface, ${address}/ui, choose "Token". From another machine:
  ${tunnelLine(deployment)}
${browserNotice(deployment)}To end it early: vault token revoke -self`);
    // The token is the result, so it is the only text on standard output.
    if (!options.json) print(token);
    return { json: { address, token, expires } };
  },
});
