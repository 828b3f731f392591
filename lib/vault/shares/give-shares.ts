import { VaultFailure } from "../client";

/**
 * Somebody else's call came in between. Vault asks for no token to cancel, reset or feed what takes shares, and shows its nonce
 * to everybody: so nothing is known of the shares by it.
 */
export class Disturbed extends Error {}

/** Vault put enough of these shares together, and they are not the ones. */
export class SharesRefused extends Error {}

/** What came of one share: what Vault gives for enough of them, or how many it counts until now, where it says so. */
export type Given<T> = { readonly result: T } | { readonly progress: number | undefined };

/**
 * Gives Vault as many shares as it wants, one after the other, and sees that it counts them and no others.
 * @param required how many Vault wants
 * @throws Disturbed where it counts others as well, or does not know any more what they are for
 * @throws SharesRefused where there are too few, or Vault refuses them
 */
export async function giveShares<T>(
  shares: readonly string[],
  required: number,
  give: (share: string) => Promise<Given<T>>,
): Promise<T> {
  if (shares.length < required)
    throw new SharesRefused(`${shares.length} shares, and ${required} are needed`);
  for (const [index, share] of shares.slice(0, required).entries()) {
    const counted = index + 1;
    const given = await give(share).catch((error) => {
      throw judge(error, counted === required);
    });
    if ("result" in given) return given.result;
    if (given.progress !== undefined && given.progress !== counted)
      throw new Disturbed(`${given.progress} shares counted after ${counted} were given`);
  }
  throw new Disturbed(`no result after ${required} shares`);
}

/** Vault's words for what is under way no more, or is another's by now. */
const gone =
  /no root generation in progress|incorrect (nonce|strategy) supplied|already in progress|no ((barrier|recovery) )?rekey (verification )?in progress|rekey operation not in progress|no rekey configuration found|verification must be performed|^invalid request$/;

/** What it says of one share by itself. */
const malformed = /key is (shorter|longer) than|'key' must be|given key has already been provided/;

/** What it says of several, put together. */
const unfit =
  /root generation aborted|failed to compute|verification failed|failed to read root key|failed to decrypt|failed to setup unseal key|failed to verify recovery key|invalid key/i;

/** The error as a {@link Disturbed}, where Vault's words tell that; any other unchanged. */
export function asDisturbed(error: unknown): unknown {
  if (!(error instanceof VaultFailure) || !error.errors.some((line) => gone.test(line))) return error;
  return new Disturbed(error.errors.join("; ").split(";")[0]);
}

/** @param isEnough whether it was the last share: before that Vault puts none together, unless others came in between */
function judge(error: unknown, isEnough: boolean): unknown {
  if (!(error instanceof VaultFailure)) return error;
  const words = error.errors.join("; ");
  if (malformed.test(words)) return new SharesRefused(words);
  if (unfit.test(words)) return isEnough ? new SharesRefused(words) : new Disturbed(words);
  return asDisturbed(error);
}
