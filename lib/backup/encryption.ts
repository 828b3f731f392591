import type { Encrypter } from "age-encryption";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { decryptAsHolder, encryptForHolders } from "../vault/shares/pgp-keys";

/** Loaded on demand: it has 300 kB, and few commands encrypt anything. */
const age = () => import("age-encryption");

/** How to encrypt shares: to public keys of age (`age1…`), with a passphrase, or to files of OpenPGP public keys. */
export type Encryption =
  | { readonly recipients: readonly string[] }
  | { readonly passphrase: string }
  | { readonly pgpKeys: readonly string[] };

/**
 * How to decrypt shares: lines of age's private keys (`AGE-SECRET-KEY-…`), the passphrase, or an armored OpenPGP private key.
 */
export type Decryption =
  | { readonly identities: readonly string[] }
  | { readonly passphrase: string }
  | { readonly pgpKey: string; readonly passphrase?: string };

/** The work factor that age uses for a passphrase, which takes 256 MB. A larger one is refused before it starts. */
const largestWork = 18;

/**
 * Encrypts a text in the format of age (https://age-encryption.org/v1), or of OpenPGP.
 * @throws UserError (wrong usage) if a recipient is invalid
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

/** Decrypts a text. @throws UserError if the keys or passphrase do not fit, or if the work factor is too large */
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
    // The libraries' messages may quote secrets.
    throw new UserError({
      problem: "The shares in the backup cannot be decrypted.",
      got:
        "passphrase" in decryption && !("pgpKey" in decryption)
          ? "a wrong passphrase"
          : "private keys that do not fit",
      expected: "the passphrase of the backup, or a private key of one of its recipients",
      fix: "Add --passphrase-file or --identity-file; or give the shares themselves with --share-file.",
    });
  }
}

/** Refuses a large work factor: the header states it, and anybody can have written the header. */
function requireCheap(cipher: Buffer): void {
  const header = cipher.subarray(0, 4096).toString("latin1").split("\n---")[0] ?? "";
  for (const [, work = ""] of header.matchAll(/^-> scrypt \S+ (\S+)$/gm)) {
    if (/^[1-9]\d?$/.test(work) && Number(work) <= largestWork) continue;
    throw new UserError({
      problem: "Trying a passphrase on the backup's shares would cost more than this program allows.",
      got: /^\d{1,4}$/.test(work) ? `a work factor of 2^${work}` : "an invalid work factor",
      expected: `2^${largestWork} at most`,
      fix: "Use another backup, or give the shares themselves with --share-file.",
    });
  }
}

/** Checks that recipients are public keys, before anything is done. @throws UserError (wrong usage) if one is not */
export async function requireRecipients(recipients: readonly string[]): Promise<void> {
  const { Encrypter } = await age();
  for (const recipient of recipients) addRecipient(new Encrypter(), recipient);
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient);
  } catch {
    throw new UserError({
      problem: "This recipient is not a public key of age.",
      got: recipient.startsWith("AGE-SECRET-KEY") ? "a private key" : JSON.stringify(recipient),
      expected: "age1…",
      fix: "`age-keygen` creates a key pair, and `age-keygen -y` prints the public key.",
      exitCode: ExitCode.WrongUsage,
    });
  }
}
