import { readCertificates } from "../core/files/certificates";
import type { Deployment, VaultPlace } from "../model/deployment";
import { publicCaFile } from "../store/public-ca";

type Owner = Pick<Deployment, "instance" | "caFile" | "external">;

/** The CA certificates that verify Vault's, at a path that every user of this host can read. */
export function readableCa({ instance, caFile, external }: Owner): string | undefined {
  return external ? caFile : caFile && publicCaFile(instance);
}

/** SHA-256 of the CA that signs Vault's certificate. Undefined for plain HTTP, and for an external Vault. */
export function caFingerprint({ caFile, external }: Owner): string | undefined {
  return external || !caFile ? undefined : readCertificates(caFile)[0]?.fingerprint256;
}

/** Tells a shell where Vault is, and by what its certificate is verified. */
export function exportLine({ address, caFile }: Pick<VaultPlace, "address" | "caFile">): string {
  return `export VAULT_ADDR=${address}${caFile ? ` VAULT_CACERT=${caFile}` : ""}`;
}

/** Brings Vault's port to another machine, at the same address: the certificate names it there as well. */
export function tunnelLine({ address }: Pick<VaultPlace, "address">): string {
  const port = new URL(address).port || "443";
  return `ssh -L ${port}:127.0.0.1:${port} USER@THIS-HOST`;
}

/** What a browser says of a certificate of the instance's own CA, and how to see that it is the right one. Empty for plain HTTP. */
export function browserNotice(owner: Owner): string {
  const fingerprint = caFingerprint(owner);
  if (!fingerprint) return "";
  return `A browser warns once, since it does not know this instance's CA. Its SHA-256 is
  ${fingerprint.slice(0, 47)}
  ${fingerprint.slice(48)}
or import the file of VAULT_CACERT as an authority.
`;
}
