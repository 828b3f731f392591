import { combine } from "../../report/finding";
import { silentServers } from "../../vault/cluster";
import { certificateProblem } from "../../vault/tls/certificate-time";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("vault.reachable");

export const vaultReachable: Check = {
  id: "vault.reachable",
  why: "The key is stored in Vault: OpenClaw cannot start without it.",
  needs: [],
  async run(context) {
    const { vaultVersion, address, otherAddresses, caFile, tls } = context.parameters;
    const { status } = await context.reach();
    const silent = otherAddresses ? await silentServers([address, ...otherAddresses], caFile) : [];
    const summary = `Vault ${status.version} answers at ${otherAddresses ? `${1 + otherAddresses.length - silent.length} of ${1 + otherAddresses.length} addresses` : address}`;
    const isOtherVersion = vaultVersion !== undefined && status.version !== vaultVersion;
    const problem = tls && certificateProblem(tls, context.now());
    const renew = tls?.made
      ? "See why it is not renewed: openclaw-openrouter vault unseal"
      : "Renew the files that `vault.tls` names in the settings. Vault serves them after the next command.";
    return combine(summary, [
      ...(isOtherVersion
        ? [
            warn(
              `version:${status.version}`,
              `${summary}; expected ${vaultVersion}`,
              "openclaw-openrouter up",
            ),
          ]
        : []),
      ...(silent.length > 0
        ? [
            warn(
              `servers:${silent.join(",")}`,
              `${summary}: not at ${silent.join(", ")}`,
              "Start that server, or remove it from `vault.address`: only the others carry this instance now.",
            ),
          ]
        : []),
      ...(problem ? [warn("certificate", problem, renew)] : []),
    ]);
  },
};
