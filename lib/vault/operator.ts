import { z } from "zod";
import type { HomePaths } from "../model/home-paths";
import { operatorPolicy, operatorPolicyName } from "../model/vault/policies";
import type { VaultClient } from "./client";
import { activeRootToken } from "./identities/root";
import { withRootToken } from "./identities/root-session";
import type { KeyShares } from "./shares/shares-file";

/** A token with which a person manages the secrets under `secret/`, by hand or in Vault's web interface. */
export interface OperatorToken {
  readonly token: string;
  /** ISO 8601. */
  readonly expires: string;
}

const tokenAnswer = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.int() }),
});

/**
 * Makes a token for a person, with a fixed lifetime, not renewable, and with only the operator's policy. It is an orphan token,
 * so that it does not end with the temporary root token that makes it.
 */
export async function makeOperatorToken(
  vault: VaultClient,
  home: HomePaths,
  shares: KeyShares,
  ttlSeconds: number,
): Promise<OperatorToken> {
  const body = {
    display_name: operatorPolicyName,
    policies: [operatorPolicyName],
    no_default_policy: true,
    renewable: false,
    ttl: `${ttlSeconds}s`,
    explicit_max_ttl: `${ttlSeconds}s`,
  };
  const source = (await activeRootToken(vault, home)) ?? shares;
  return withRootToken(vault, home, source, async (root) => {
    await writeOperatorPolicy(root);
    const { auth } = await root.submit("auth/token/create-orphan", body, tokenAnswer);
    const expires = new Date(Date.now() + auth.lease_duration * 1000);
    return { token: auth.client_token, expires: expires.toISOString() };
  });
}

export async function writeOperatorPolicy(root: VaultClient): Promise<void> {
  await root.write(`sys/policies/acl/${operatorPolicyName}`, { policy: operatorPolicy }, "PUT");
}
