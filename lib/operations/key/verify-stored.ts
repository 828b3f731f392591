import { UserError } from "../../core/errors";
import { sha256 } from "../../core/fingerprint";
import type { VaultPlace } from "../../model/deployment";
import { installParametersOf } from "../../model/run-parameters";
import { askWhereGatewayRuns } from "../../openclaw/ask-resolver";
import type { KeyInfo } from "../../openrouter/schemas";
import type { DeployContext } from "../../session/context";
import { readStoredKey } from "../../session/read-stored-key";
import { testKey } from "../../session/test-key";
import { VaultClient } from "../../vault/client";

/**
 * Reads the stored key back as the reader and with OpenClaw's own resolver, and tests it at OpenRouter.
 * @returns what OpenRouter reports of the key
 * @param wanted SHA-256 of the expected key
 * @throws UserError if another key is read, or OpenRouter rejects it
 */
export async function verifyStored(
  { deployment, host, signal }: Pick<DeployContext, "deployment" | "host" | "signal">,
  place: VaultPlace,
  wanted: string,
): Promise<KeyInfo> {
  const stored = await readStoredKey(VaultClient.at(place), deployment.home);
  if (!stored?.key || sha256(stored.key) !== wanted) {
    throw new UserError({
      problem: "The reader does not read the new key.",
      got: stored?.key ? "another key" : "no key",
    });
  }
  const resolved = await askWhereGatewayRuns(installParametersOf(deployment), place, host.engine?.api);
  // A gateway that is not reached now asks when it starts.
  const isOther = !("untried" in resolved) && !("key" in resolved && sha256(resolved.key) === wanted);
  if (isOther) {
    throw new UserError({
      problem: "OpenClaw's resolver does not give the new key.",
      got: "problem" in resolved ? resolved.problem : "another key",
    });
  }
  const verdict = await testKey(deployment, stored.key, signal);
  if (!verdict.works) {
    throw new UserError({ problem: "The key read back from Vault does not work.", got: verdict.why });
  }
  return verdict.info;
}
