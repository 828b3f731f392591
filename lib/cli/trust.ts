import type { Change } from "../backup/changed-settings";
import type { SharesSource } from "../backup/find-shares";
import { wrongUsage } from "../core/errors";
import type { HomePaths } from "../model/home-paths";
import { type DecryptionOptions, decryptionFrom } from "./input/encryption-input";
import { confirmLoss, isInteractive } from "./input/prompts";
import { type SharesOptions, sharesGiven } from "./input/shares-input";
import { option, type ParsedBy } from "./options/options";
import { say } from "./output";

export const trustOption = option(
  "--trust-archive",
  "trust the content of the backup: its shares, its seal, and settings that say where keys go",
);
export type TrustOptions = ParsedBy<typeof trustOption>;

/**
 * Asks whether the user trusts the maker of a backup, before a step that depends on it.
 * @throws UserError (wrong usage) if nobody can be asked
 */
export async function trusts(
  what: string,
  { trustArchive }: TrustOptions,
  instead: string,
): Promise<boolean> {
  say(what);
  if (trustArchive) return true;
  if (isInteractive()) return confirmLoss("Do you trust it?");
  throw wrongUsage({
    problem: "Nobody can be asked here whether this backup is trusted. Nothing was changed.",
    fix: `${instead}; or, if you trust who made it, add --trust-archive.`,
  });
}

/** The source of the shares that open a backup. */
export async function sharesSource(
  home: HomePaths,
  options: SharesOptions & DecryptionOptions & TrustOptions,
): Promise<SharesSource> {
  const { sharesOfHost } = await import("../backup/find-shares");
  return {
    onHost: sharesOfHost(home),
    areGiven: options.shareFile !== undefined,
    trust: () =>
      trusts(
        "The shares of this host do not open this backup. It brings its own shares, which prove nothing about its maker:\nthe maker can have put any key, policy or setting into it.",
        options,
        "Give your own shares by --share-file",
      ),
    decryption: decryptionFrom(options),
    ...sharesGiven(options),
  };
}

/** Shows what a backup changes on a host without the instance, and asks if a change is sensitive. */
export async function agreesTo(changes: readonly Change[], options: TrustOptions): Promise<boolean> {
  if (changes.length === 0) return true;
  say("The backup changes the following:");
  for (const { what, now, brought } of changes) say(`  ${what}: ${now} → ${brought}`);
  if (!changes.some(({ isSensitive }) => isSensitive)) return true;
  return trusts(
    "Some of these decide where your key, Vault's shares or files go, which programs run, who reaches Vault, or what the check passes.",
    options,
    "Give your own settings by --settings",
  );
}
