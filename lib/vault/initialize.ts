import type { VaultClient } from "./client";
import { initAnswer } from "./schemas";
import { type Shares, storeShares } from "./shares/shares-file";

interface InitializeProps {
  readonly shares: number;
  readonly threshold: number;
  /** Whether Vault has auto-unseal: then the shares are recovery key shares and do not unseal it. */
  readonly unsealsItself: boolean;
  /** The file in which the shares are stored. */
  readonly path: string;
}

/** The parameters of Vault's initialization. */
export function initParameters({ shares, threshold, unsealsItself }: Omit<InitializeProps, "path">): object {
  return unsealsItself
    ? { recovery_shares: shares, recovery_threshold: threshold }
    : { secret_shares: shares, secret_threshold: threshold };
}

/**
 * Initializes Vault. Its answer comes only once, so it is on disk before anything else is done. `answered` runs before that: a
 * crash at this moment loses the answer, which tests provoke.
 */
export async function initialize(
  vault: VaultClient,
  props: InitializeProps,
  answered: () => Promise<void>,
): Promise<Shares> {
  const answer = await vault.submit("sys/init", initParameters(props), initAnswer, "PUT");
  await answered();
  const shares: Shares = {
    shares: (props.unsealsItself ? answer.recovery_keys_base64 : answer.keys_base64) ?? [],
    threshold: props.threshold,
    generation: 1,
    created: new Date().toISOString(),
    rootToken: answer.root_token,
  };
  storeShares(props.path, shares);
  return shares;
}
