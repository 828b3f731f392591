import { Readable } from "node:stream";
import { Decrypter, Encrypter } from "age-encryption";
import { UserError } from "../errors";
import { ExitCode } from "../model/exit-codes";

/** By what a backup is encrypted: to people's public keys (`age1…`), or by a passphrase. */
export type Encryption = { readonly recipients: readonly string[] } | { readonly passphrase: string };

/** What opens it: lines of private keys (`AGE-SECRET-KEY-…`), or the passphrase. */
export type Decryption = { readonly identities: readonly string[] } | { readonly passphrase: string };

/** With these bytes every encrypted file begins. */
export const encryptedBegins = "age-encryption.org/v1";

/**
 * Encrypts a stream in the format of age (https://age-encryption.org/v1), which its own program decrypts as well.
 * @throws UserError (wrong usage) where a recipient is none
 */
export async function encrypted(plain: Readable, encryption: Encryption): Promise<Readable> {
  const encrypter = new Encrypter();
  if ("passphrase" in encryption) encrypter.setPassphrase(encryption.passphrase);
  else for (const recipient of encryption.recipients) addRecipient(encrypter, recipient);
  return fromWeb(await encrypter.encrypt(toWeb(plain)));
}

/** @throws UserError where that does not open it */
export async function decrypted(cipher: Readable, decryption: Decryption): Promise<Readable> {
  const decrypter = new Decrypter();
  try {
    if ("passphrase" in decryption) decrypter.addPassphrase(decryption.passphrase);
    else for (const identity of decryption.identities) decrypter.addIdentity(identity);
    return fromWeb(await decrypter.decrypt(toWeb(cipher)));
  } catch {
    // Their messages may quote what was given.
    throw new UserError({
      problem: "The backup cannot be decrypted.",
      got:
        "passphrase" in decryption
          ? "a passphrase that is not the backup's"
          : "private keys of which none is the backup's",
      expected: "the passphrase, or a private key of one of the recipients, with which it was made",
      remedy: "Give it by --passphrase-file or --identity-file.",
    });
  }
}

/** Sees that recipients are public keys, before anything is done. @throws UserError (wrong usage) */
export function requireRecipients(recipients: readonly string[]): void {
  for (const recipient of recipients) addRecipient(new Encrypter(), recipient);
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new UserError({
      problem: "This recipient is no public key of age.",
      got: recipient.startsWith("AGE-SECRET-KEY") ? "a private key" : JSON.stringify(recipient),
      expected: "age1…",
      remedy: "`age-keygen` makes a pair of keys, and `age-keygen -y` tells the public one.",
      exitCode: ExitCode.WrongUsage,
    });
  }
}

function toWeb(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}

function fromWeb(stream: ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
}
