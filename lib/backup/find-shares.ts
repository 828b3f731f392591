import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors";
import type { HomePaths } from "../model/home-paths";
import type { AskForShares } from "../vault/bootstrap";
import { type KeyShares, readShares, sharesOnHost } from "../vault/shares/shares-file";
import type { Archive } from "./archive";
import type { Decryption } from "./encryption";
import { decryptShares } from "./shares-member";

/** Where shares come from that open a backup. */
export interface SharesSource {
  /** Of the instance on this host, whichever fits. */
  readonly onHost: readonly KeyShares[];
  /** From a person, or files that a person names. @default nobody can be asked */
  readonly askForShares?: AskForShares;
  /** Whether a person has given them already, so that those in the backup are left alone. */
  readonly areGiven: boolean;
  /** Asks whether a backup that brings its own shares is trusted all the same. @throws UserError if nobody can be asked */
  readonly trust: () => Promise<boolean>;
  readonly decryption: () => Promise<Decryption>;
}

/** Shares, and whether they prove the backup: its own do not. */
export interface FoundShares {
  readonly shares: KeyShares;
  readonly areItsOwn: boolean;
}

/** All shares of this host that a backup may be opened by: of now, and of older generations. */
export function sharesOfHost(home: HomePaths): KeyShares[] {
  const older = existsSync(home.sharesForBackups) ? readdirSync(home.sharesForBackups).sort().reverse() : [];
  return [
    ...sharesOnHost(home),
    ...older
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => readShares(join(home.sharesForBackups, name)) ?? []),
  ];
}

/** Sees that there is any way to shares, before a program is started for them. @throws UserError */
export function requireWayToShares(
  { shares }: Archive,
  { onHost, askForShares }: Pick<SharesSource, "onHost" | "askForShares">,
): void {
  if (shares || askForShares || onHost.length > 0) return;
  throw sharesMissing("none on this host");
}

/**
 * The shares that are not on this host: those that a person has given, those that the backup brings, if it is trusted, or
 * those that a person is asked for.
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
  throw sharesMissing("no shares on this host that fit");
}

/** @param got what there is instead */
export function sharesMissing(got: string): UserError {
  return new UserError({
    problem: "The shares that open this backup are not on this host.",
    got,
    expected: "the unseal key shares of the day on which it was made",
    fix: "Give them by --share-file, or run this on a terminal, where it asks for them.",
  });
}
