import { readFileSync } from "node:fs";
import type { Key } from "openpgp";
import { wrongUsage } from "../../core/errors";

/** Loaded only when keys are read, from a file of its own, since its license differs from this program's. */
const openpgp = () => import("openpgp");

/** A person's OpenPGP public key. */
export interface PgpKey {
  /** The holder that the key names, such as `Anna <anna@example.org>`. */
  readonly holder: string;
  /** Upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The key as Vault takes it: base64 of its binary form. */
  readonly base64: string;
  /** Encrypts a text for the holder, armored. */
  readonly encrypt: (text: string) => Promise<string>;
}

/**
 * Reads a file with one public key, armored or binary, and verifies that it can encrypt now.
 * @throws UserError (wrong usage) that says what is wrong with it
 */
export async function readPgpKey(path: string): Promise<PgpKey> {
  const key = await parse(path);
  if (key.isPrivate()) {
    throw wrongUsage({
      problem: `${path} contains a private key, which only its holder should have.`,
      expected: "the public key: gpg --armor --export <name>",
    });
  }
  await key.getEncryptionKey().catch((error: Error) => {
    throw wrongUsage({
      problem: `Encryption is not possible with the key in ${path}.`,
      got: error.message,
      expected: "a valid key for encryption",
    });
  });
  const { user } = await key.getPrimaryUser();
  return {
    holder: clean(user.userID?.userID ?? key.getKeyID().toHex()),
    fingerprint: key.getFingerprint().toUpperCase(),
    base64: Buffer.from(key.toPublic().write()).toString("base64"),
    encrypt: (text) => encryptWith([key], text),
  };
}

/** The armored form of an encrypted message from Vault, which is in base64. */
export async function armorMessage(base64: string): Promise<string> {
  const { armor, enums } = await openpgp();
  return armor(enums.armor.message, new Uint8Array(Buffer.from(base64, "base64")));
}

/**
 * Encrypts a text so that the holder of any of these public keys can read it, armored.
 * @throws UserError (wrong usage) as {@link readPgpKey}
 */
export async function encryptForHolders(paths: readonly string[], text: string): Promise<string> {
  for (const path of paths) await readPgpKey(path);
  return encryptWith(await Promise.all(paths.map(parse)), text);
}

async function encryptWith(encryptionKeys: Key[], text: string): Promise<string> {
  const { createMessage, encrypt } = await openpgp();
  return encrypt({ message: await createMessage({ text }), encryptionKeys, format: "armored" });
}

/** The limits for a message: 256 MiB of memory for a key's passphrase, and 1 MiB of decompressed text. */
const bounded = { maxArgon2MemoryExponent: 18, maxDecompressedMessageSize: 2 ** 20 };

/**
 * Decrypts an armored message.
 * @param armoredKey the private key
 * @param passphrase the passphrase of the private key. @default none
 * @throws Error if the key does not decrypt it
 */
export async function decryptAsHolder(
  message: string,
  armoredKey: string,
  passphrase?: string,
): Promise<string> {
  const { decrypt, decryptKey, readMessage, readPrivateKey } = await openpgp();
  const key = await readPrivateKey({ armoredKey });
  const privateKey =
    passphrase === undefined ? key : await decryptKey({ privateKey: key, passphrase, config: bounded });
  const { data } = await decrypt({
    message: await readMessage({ armoredMessage: message }),
    decryptionKeys: privateKey,
    config: bounded,
  });
  return data;
}

async function parse(path: string): Promise<Key> {
  const bytes = read(path);
  const { readKeys } = await openpgp();
  try {
    const isArmored = bytes.includes("-----BEGIN PGP");
    const keys = isArmored
      ? await readKeys({ armoredKeys: bytes.toString("utf8") })
      : await readKeys({ binaryKeys: new Uint8Array(bytes) });
    // Of several armored blocks only the first is read.
    const count = Math.max(keys.length, bytes.toString("latin1").split("-----BEGIN PGP").length - 1);
    if (keys.length === 1 && count === 1) return keys[0]!;
    throw new Error(`${count} keys`);
  } catch (error) {
    throw wrongUsage({
      problem: `${path} does not hold one OpenPGP public key.`,
      got: (error as Error).message,
      expected: "the output of `gpg --armor --export <name>`",
    });
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw wrongUsage({
      problem: `The public key ${path} cannot be read.`,
      got: (error as NodeJS.ErrnoException).code ?? String(error),
      expected: "a file that this user can read",
    });
  }
}

/** A name is foreign input: it must not bring control characters to a terminal. */
function clean(name: string): string {
  return name.replace(/\p{Cc}/gu, "").slice(0, 200);
}
