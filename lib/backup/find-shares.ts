import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors";
import type { HomePaths } from "../model/home-paths";
import type { AskForShares } from "../vault/bootstrap";
import { type KeyShares, readShares, sharesOnHost } from "../vault/shares/shares-file";
import type { Archive } from "./archive";
import type { Decryption } from "./encryption";
import { decryptShares } from "./shares-member";

/** The sources of the shares that open a backup. */
export interface SharesSource {
  /** The shares of the instance on this host; one set can fit. */
  readonly onHost: readonly KeyShares[];
  /** Asks a person for shares, or reads the named files. @default nobody can be asked */
  readonly askForShares?: AskForShares;
  /** Whether a person has given shares, so that the ones in the backup are not used. */
  readonly areGiven: boolean;
  /** Asks whether to trust a backup that contains its own shares. @throws UserError if nobody can be asked */
  readonly trust: () => Promise<boolean>;
  readonly decryption: () => Promise<Decryption>;
}

/** Shares, and whether they are the backup's own, which do not prove it. */
export interface FoundShares {
  readonly shares: KeyShares;
  readonly areItsOwn: boolean;
}

/** All shares on this host that can open a backup: the current ones, and those of older generations. */
export function sharesOfHost(home: HomePaths): KeyShares[] {
  const older = existsSync(home.sharesForBackups) ? readdirSync(home.sharesForBackups).sort().reverse() : [];
  return [
    ...sharesOnHost(home),
    ...older
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => readShares(join(home.sharesForBackups, name)) ?? []),
  ];
}

/** Checks that shares can be found, before a container is started. @throws UserError if there is no source */
export function requireWayToShares(
  { shares }: Archive,
  { onHost, askForShares }: Pick<SharesSource, "onHost" | "askForShares">,
): void {
  if (shares || askForShares || onHost.length > 0) return;
  throw sharesMissing("none on this host");
}

/**
 * Gets shares that are not on this host: given by a person, from the backup if it is trusted, or asked of a person.
 * @throws UserError if there are none
 */
export async function sharesFromElsewhere(
  { shares }: Archive,
  threshold: number,
  { askForShares, areGiven, trust, decryption }: SharesSource,
): Promise<FoundShares> {
  if (shares && !areGiven && (await trust()))
    return { shares: await decryptShares(shares, await decryption()), areItsOwn: true };
  if (askForShares) return { shares: await askForShares(threshold), areItsOwn: false };
  throw sharesMissing("no fitting shares on this host");
}

/** @param got what was found instead */
export function sharesMissing(got: string): UserError {
  return new UserError({
    problem: "The shares that open this backup are not on this host.",
    got,
    expected: "the unseal key shares from the time of the backup",
    fix: "Add --share-file, or run this command on a terminal, which asks for them.",
  });
}
