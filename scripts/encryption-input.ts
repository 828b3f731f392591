import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { Decryption, Encryption } from "../lib/backup/encryption";
import { UserError } from "../lib/errors";
import { ExitCode } from "../lib/model/exit-codes";
import { askSecret, isInteractive } from "./prompts";

export interface DecryptionOptions {
  readonly passphraseFile?: string;
  readonly identityFile?: string;
}

export interface EncryptionOptions {
  readonly recipient?: readonly string[];
  readonly passphraseFile?: string;
}

export function addDecryptionOptions(command: Command): Command {
  return command
    .option("--passphrase-file <file>", "read the backup's passphrase from a file (default: a hidden prompt)")
    .option("--identity-file <file>", "decrypt the backup with a private key of age from a file");
}

/** By what a backup is to be encrypted; undefined where nothing is named. @throws UserError (wrong usage) */
export async function encryptionGiven(
  { recipient = [], passphraseFile }: EncryptionOptions,
  isNeeded: boolean,
): Promise<Encryption | undefined> {
  if (recipient.length > 0 && passphraseFile)
    throw wrongUsage(
      "A backup is encrypted either to recipients or by a passphrase.",
      "Name one of the two.",
    );
  if (recipient.length > 0) {
    const { requireRecipients } = await import("../lib/backup/encryption");
    requireRecipients(recipient);
    return { recipients: recipient };
  }
  if (passphraseFile) return { passphrase: readSecretFile(passphraseFile) };
  if (!isNeeded) return undefined;
  if (isInteractive()) return { passphrase: await askNewPassphrase() };
  throw wrongUsage(
    "A backup with shares opens Vault, so it is encrypted.",
    "Name whom to by --recipient age1…, or a passphrase by --passphrase-file.",
  );
}

async function askNewPassphrase(): Promise<string> {
  const first = await askSecret("A passphrase for the backup:");
  const second = await askSecret("The same once more:");
  if (first === second && first !== "") return first;
  throw wrongUsage("The two passphrases are not the same, or empty.", "Run this again.");
}

/** Asked only where a backup turns out to be encrypted. */
export function decryptionFrom({
  passphraseFile,
  identityFile,
}: DecryptionOptions): () => Promise<Decryption> {
  return async () => {
    if (identityFile) return { identities: identitiesIn(readSecretFile(identityFile)) };
    if (passphraseFile) return { passphrase: readSecretFile(passphraseFile) };
    if (isInteractive()) return { passphrase: await askSecret("The backup's passphrase:") };
    throw wrongUsage(
      "The backup is encrypted, and nobody can be asked here.",
      "Give its passphrase by --passphrase-file, or a private key by --identity-file.",
    );
  };
}

function identitiesIn(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function readSecretFile(path: string): string {
  try {
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    if (text !== "") return text;
  } catch (error) {
    throw wrongUsage(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "an error"}.`,
      "Name a file that this user can read.",
    );
  }
  throw wrongUsage(`${path} is empty.`, "Name a file that holds a passphrase or private keys.");
}

function wrongUsage(problem: string, remedy: string): UserError {
  return new UserError({ problem, remedy, exitCode: ExitCode.WrongUsage });
}
