import { VaultFailure } from "../client";

/**
 * Somebody else's call came in between. Vault needs no token to cancel, reset or feed an operation that takes shares, and shows
 * its nonce to everybody. So this proves nothing about the shares.
 */
export class Disturbed extends Error {}

/** Vault combined enough of these shares, and they are wrong. */
export class SharesRefused extends Error {}

/** The result of one share: Vault's result for enough of them, or the number that it counts so far, if it reports one. */
type Given<T> = { readonly result: T } | { readonly progress: number | undefined };

/**
 * Gives Vault as many shares as it requires, one after the other, and verifies that it counts only these.
 * @param required the number of shares that Vault requires
 * @throws Disturbed if it counts others as well, or its operation has ended
 * @throws SharesRefused if there are too few, or Vault refuses them
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

/** Vault's messages if the operation has ended, or is now somebody else's. */
const gone =
  /no root generation in progress|incorrect (nonce|strategy) supplied|already in progress|no ((barrier|recovery) )?rekey (verification )?in progress|rekey operation not in progress|no rekey configuration found|verification must be performed|^invalid request$/;

/** Vault's messages about a single share. */
const malformed = /key is (shorter|longer) than|'key' must be|given key has already been provided/;

/** Vault's messages about several shares that it combined. */
const unfit =
  /root generation aborted|failed to compute|verification failed|failed to read root key|failed to decrypt|failed to setup unseal key|failed to verify recovery key|invalid key/i;

/** The error as a {@link Disturbed} if Vault's message shows that; any other error unchanged. */
export function asDisturbed(error: unknown): unknown {
  if (!(error instanceof VaultFailure) || !error.errors.some((line) => gone.test(line))) return error;
  return new Disturbed(error.errors.join("; ").split(";")[0]);
}

/** @param isEnough whether it was the last required share: before it Vault combines none, unless others came in between */
function judge(error: unknown, isEnough: boolean): unknown {
  if (!(error instanceof VaultFailure)) return error;
  const words = error.errors.join("; ");
  if (malformed.test(words)) return new SharesRefused(words);
  if (unfit.test(words)) return isEnough ? new SharesRefused(words) : new Disturbed(words);
  return asDisturbed(error);
}
