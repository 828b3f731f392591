import { attempt } from "../../core/attempt";
import { ifError, UserError } from "../../core/errors";
import type { HomePaths } from "../../model/home-paths";
import { deployedRecord } from "../../store/records/deployed-record";
import { countKnown, sharesFingerprints } from "../../store/records/shares-fingerprints";
import { readMovedOff } from "../../store/records/shares-record";
import { readShares, type Shares } from "./shares-file";

/**
 * Whether the shares on this host would open Vault again:
 * - `known`: Vault has accepted them
 * - `off the host`: people hold them
 * - `not recorded`: nothing is known of them
 * - `missing`: they were here, and nobody removed them by `shares remove`
 * - `others`: they are not the ones that Vault accepted
 * - `unreadable`: the file is damaged
 */
export type SharesState =
  | { readonly is: "known" | "not recorded"; readonly shares: Shares | undefined }
  | { readonly is: "off the host" | "missing" }
  | { readonly is: "others"; readonly shares: Shares; readonly known: number; readonly threshold: number }
  | { readonly is: "unreadable"; readonly problem: string };

/** What to do while Vault is still unsealed. Backups need the shares as well. */
export const withoutShares =
  "Restore the file from a copy before Vault restarts. Without a copy nothing opens this Vault again, and no backup of it: save the secrets that you can read, then start again: openclaw-openrouter destroy --purge";

/** Compares the shares on this host with what was recorded when Vault made or accepted them. Asks nobody. */
export function inspectShares(home: HomePaths): SharesState {
  const shares = attempt(
    () => readShares(home.shares),
    ifError(UserError, (error) => error),
  );
  if (shares instanceof UserError) return { is: "unreadable", problem: shares.props.problem };
  const record = sharesFingerprints.read(home);
  if (!shares && readMovedOff(home)) return { is: "off the host" };
  // The records can be gone with them.
  if (!shares && deployedRecord.read(home)?.sharesHere) return { is: "missing" };
  if (!record) return { is: "not recorded", shares };
  if (!shares) return { is: "missing" };
  const known = countKnown(record, shares.shares);
  if (known < record.threshold) return { is: "others", shares, known, threshold: record.threshold };
  return { is: "known", shares };
}
