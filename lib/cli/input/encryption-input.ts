import type { Decryption, Encryption } from "../../backup/encryption";
import { wrongUsage } from "../../core/errors";
import { collect, option, optionGroup, type ParsedBy } from "../options/options";
import { readGivenFile } from "./given-file";
import { askSecret, isInteractive } from "./prompts";

export const decryptionOptions = optionGroup(
  option(
    "--passphrase-file <file>",
    "read the passphrase of its shares from a file (default: a hidden prompt)",
  ),
  option("--identity-file <file>", "decrypt its shares with an age or OpenPGP private key from a file"),
);
export type DecryptionOptions = ParsedBy<typeof decryptionOptions>;

/** The options that encrypt the shares of a backup. */
export const encryptionOptions = optionGroup(
  option("--with-shares", "include the unseal key shares, encrypted"),
  option("--recipient <age1…>", "encrypt the shares to this age public key; can be repeated", {
    parse: collect,
  }),
  option("--pgp-key <file>", "encrypt the shares to this OpenPGP public key; can be repeated", {
    parse: collect,
  }),
  option(
    "--passphrase-file <file>",
    "encrypt the shares with the passphrase in this file (default: a hidden prompt)",
  ),
);
export type EncryptionOptions = ParsedBy<typeof encryptionOptions>;

/** The encryption of a backup's shares; undefined if the backup holds none. @throws UserError (wrong usage) */
export async function encryptionGiven(options: EncryptionOptions): Promise<Encryption | undefined> {
  const { recipient = [], pgpKey = [], passphraseFile } = options;
  const ways = [recipient.length, pgpKey.length, passphraseFile ? 1 : 0].filter((count) => count > 0);
  if (ways.length > 1)
    throw wrongUsage({
      problem: "Shares are encrypted in one way: to age recipients, to OpenPGP keys, or with a passphrase.",
      fix: "Name one of the three.",
    });
  if (!options.withShares) {
    if (ways.length === 0) return undefined;
    throw wrongUsage({
      problem: "Only shares in a backup need encryption: Vault encrypts everything else.",
      fix: "Add --with-shares, or omit the other option.",
    });
  }
  if (recipient.length > 0) {
    const { requireRecipients } = await import("../../backup/encryption");
    await requireRecipients(recipient);
    return { recipients: recipient };
  }
  if (pgpKey.length > 0) return { pgpKeys: pgpKey };
  if (passphraseFile) return { passphrase: readSecretFile(passphraseFile) };
  if (isInteractive()) return { passphrase: await askNewPassphrase() };
  throw wrongUsage({
    problem: "Shares open Vault, so they must be encrypted.",
    fix: "Add --recipient age1…, --pgp-key FILE or --passphrase-file FILE.",
  });
}

async function askNewPassphrase(): Promise<string> {
  const first = await askSecret("A passphrase for the shares in the backup:");
  const second = await askSecret("The same passphrase again:");
  if (first === second && first !== "") return first;
  throw wrongUsage({ problem: "The two passphrases differ or are empty.", fix: "Run this again." });
}

/** How to decrypt the shares of a backup; asks only when they are used. */
export function decryptionFrom({
  passphraseFile,
  identityFile,
}: DecryptionOptions): () => Promise<Decryption> {
  return async () => {
    const passphrase = passphraseFile ? { passphrase: readSecretFile(passphraseFile) } : undefined;
    if (identityFile) {
      const text = readSecretFile(identityFile);
      const isPgp = text.includes("-----BEGIN PGP PRIVATE KEY BLOCK-----");
      return isPgp ? { pgpKey: text, ...passphrase } : { identities: identitiesIn(text) };
    }
    if (passphrase) return passphrase;
    if (isInteractive()) return { passphrase: await askSecret("The passphrase of the backup's shares:") };
    throw wrongUsage({
      problem: "The shares in the backup are encrypted, and nobody can be asked here.",
      fix: "Give their passphrase by --passphrase-file, or a private key by --identity-file.",
    });
  };
}

function identitiesIn(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function readSecretFile(path: string): string {
  const text = readGivenFile(path, "The file").replace(/\r?\n$/, "");
  if (text !== "") return text;
  throw wrongUsage({
    problem: `${path} is empty.`,
    fix: "Name a file that holds a passphrase or private keys.",
  });
}
