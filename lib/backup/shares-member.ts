import { parseShares, type Shares } from "../vault/shares/shares-file";
import { type Decryption, decrypted, type Encryption, encrypted } from "./encryption";
import { memberNames } from "./manifest";

/** A backup's member that holds the unseal key shares, encrypted. */
export interface SharesMember {
  readonly name: string;
  readonly content: Buffer;
}

/** @throws UserError (wrong usage) if what they are to be encrypted by is not of its form */
export async function encryptShares(shares: Shares, encryption: Encryption): Promise<SharesMember> {
  const { rootToken: _, ...kept } = shares;
  const name = "pgpKeys" in encryption ? memberNames.sharesByPgp : memberNames.sharesByAge;
  return { name, content: await encrypted(JSON.stringify(kept), encryption) };
}

/** @throws UserError if that does not open them, or no shares are in it */
export async function decryptShares({ content }: SharesMember, decryption: Decryption): Promise<Shares> {
  return parseShares(await decrypted(content, decryption), "the backup's member with the shares");
}
