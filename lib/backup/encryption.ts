import type { Encrypter } from "age-encryption";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { decryptAsHolder, encryptForHolders } from "../vault/shares/pgp-keys";

/** Of 300 kB, which every command would load: few encrypt anything. */
const age = () => import("age-encryption");

/** By what shares are encrypted: to public keys of age (`age1…`), by a passphrase, or to files of OpenPGP public keys. */
export type Encryption =
  | { readonly recipients: readonly string[] }
  | { readonly passphrase: string }
  | { readonly pgpKeys: readonly string[] };

/** What opens them: lines of age's private keys (`AGE-SECRET-KEY-…`), the passphrase, or an armored OpenPGP private key. */
export type Decryption =
  | { readonly identities: readonly string[] }
  | { readonly passphrase: string }
  | { readonly pgpKey: string; readonly passphrase?: string };

/** The work of a passphrase as age makes it: more is refused before it is begun. It takes 256 MB. */
const largestWork = 18;

/**
 * Encrypts a text in the format of age (https://age-encryption.org/v1), or of OpenPGP.
 * @throws UserError (wrong usage) if a recipient is none
 */
export async function encrypted(text: string, encryption: Encryption): Promise<Buffer> {
  if ("pgpKeys" in encryption) return Buffer.from(await encryptForHolders(encryption.pgpKeys, text));
  const encrypter = new (await age()).Encrypter();
  if ("passphrase" in encryption) {
    encrypter.setScryptWorkFactor(largestWork);
    encrypter.setPassphrase(encryption.passphrase);
  } else for (const recipient of encryption.recipients) addRecipient(encrypter, recipient);
  return Buffer.from(await encrypter.encrypt(text));
}

/** @throws UserError if that does not open it, or if trying would cost too much */
export async function decrypted(cipher: Buffer, decryption: Decryption): Promise<string> {
  requireCheap(cipher);
  const { Decrypter } = await age();
  try {
    if ("pgpKey" in decryption)
      return await decryptAsHolder(cipher.toString("utf8"), decryption.pgpKey, decryption.passphrase);
    const decrypter = new Decrypter();
    if ("passphrase" in decryption) decrypter.addPassphrase(decryption.passphrase);
    else for (const identity of decryption.identities) decrypter.addIdentity(identity);
    return await decrypter.decrypt(cipher, "text");
  } catch {
    // Their messages may quote what was given.
    throw new UserError({
      problem: "The shares in the backup cannot be decrypted.",
      got:
        "passphrase" in decryption && !("pgpKey" in decryption)
          ? "a passphrase that is not theirs"
          : "private keys of which none is theirs",
      expected: "the passphrase, or a private key of one of the recipients, with which the backup was made",
      fix: "Give it by --passphrase-file or --identity-file; or give the shares themselves by --share-file.",
    });
  }
}

/** The header says how much work the passphrase is, and anybody can have written it. */
function requireCheap(cipher: Buffer): void {
  const header = cipher.subarray(0, 4096).toString("latin1").split("\n---")[0] ?? "";
  for (const [, work = ""] of header.matchAll(/^-> scrypt \S+ (\S+)$/gm)) {
    if (/^[1-9]\d?$/.test(work) && Number(work) <= largestWork) continue;
    throw new UserError({
      problem: "Trying a passphrase on the shares in the backup would cost more than this program spends.",
      got: /^\d{1,4}$/.test(work) ? `a work factor of 2^${work}` : "a work factor that is none",
      expected: `2^${largestWork} at most`,
      fix: "Take another backup, or give the shares themselves by --share-file.",
    });
  }
}

/** Sees that recipients are public keys, before anything is done. @throws UserError (wrong usage) */
export async function requireRecipients(recipients: readonly string[]): Promise<void> {
  const { Encrypter } = await age();
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
      fix: "`age-keygen` makes a pair of keys, and `age-keygen -y` tells the public one.",
      exitCode: ExitCode.WrongUsage,
    });
  }
}
