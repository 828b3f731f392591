import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decrypt, generateKey, type PrivateKey, readMessage, readPrivateKey } from "openpgp";

/** Somebody with an OpenPGP key. */
export interface Holder {
  readonly name: string;
  /** Their public key. */
  readonly file: string;
  readonly fingerprint: string;
  decrypt(armored: string): Promise<string>;
}

export async function makeHolder(folder: string, name: string): Promise<Holder> {
  const { privateKey, publicKey } = await generateKey({
    userIDs: [{ name, email: `${name.toLowerCase()}@example.org` }],
    format: "armored",
  });
  const file = join(folder, `${name}.pub.asc`);
  writeFileSync(file, publicKey);
  const key: PrivateKey = await readPrivateKey({ armoredKey: privateKey });
  return {
    name: `${name} <${name.toLowerCase()}@example.org>`,
    file,
    fingerprint: key.getFingerprint().toUpperCase(),
    decrypt: async (armored) => {
      const message = await readMessage({ armoredMessage: armored });
      return (await decrypt({ message, decryptionKeys: key })).data as string;
    },
  };
}
