import { certificateProblem } from "../../vault/tls/certificate-time";
import { type Check, combine, type Point } from "../check";
import type { CheckContext } from "../context";

/** What an external Vault serves is its owner's. */
const plainHttp: Point = {
  status: "warn",
  summary: "it serves plain HTTP: nothing but the listener's uid tells whether it is Vault",
  fix: "Take `vault.tls: false` out of the settings, then openclaw-openrouter up",
};

export const vaultReachable: Check = {
  id: "vault.reachable",
  why: "The key lies in Vault: OpenClaw cannot start without it.",
  needs: [],
  async run(context) {
    const { vaultVersion, address, listener } = context.parameters;
    const { status } = await context.reach();
    const summary = `Vault ${status.version} answers at ${address}`;
    const isOtherVersion = vaultVersion !== undefined && status.version !== vaultVersion;
    return combine(summary, [
      ...(isOtherVersion ? [otherVersion(summary, vaultVersion)] : []),
      ...(listener?.own ? [plainHttp] : []),
      ...certificatePoints(context),
    ]);
  },
};

function certificatePoints({ parameters: { tls }, now }: CheckContext): Point[] {
  const problem = tls && certificateProblem(tls, now());
  if (!problem) return [];
  const fix = tls.made
    ? "See why it is not renewed: openclaw-openrouter vault unseal"
    : "Renew the files that `vault.tls` names in the settings: the next command has Vault serve them.";
  return [{ status: "warn", summary: problem, fix }];
}

function otherVersion(summary: string, declared: string): Point {
  return { status: "warn", summary: `${summary}; declared is ${declared}`, fix: "openclaw-openrouter up" };
}
