import { parseShares, type Shares } from "../vault/shares/shares-file";
import { type Decryption, decrypted, type Encryption, encrypted } from "./encryption";
import { memberNames } from "./manifest";

/** The member of a backup that contains the encrypted unseal key shares. */
export interface SharesMember {
  readonly name: string;
  readonly content: Buffer;
}

/** @throws UserError (wrong usage) if a public key is invalid */
export async function encryptShares(shares: Shares, encryption: Encryption): Promise<SharesMember> {
  const { rootToken: _, ...kept } = shares;
  const name = "pgpKeys" in encryption ? memberNames.sharesByPgp : memberNames.sharesByAge;
  return { name, content: await encrypted(JSON.stringify(kept), encryption) };
}

/** @throws UserError if the decryption fails, or the member contains no shares */
export async function decryptShares({ content }: SharesMember, decryption: Decryption): Promise<Shares> {
  return parseShares(await decrypted(content, decryption), "the backup's member with the shares");
}
