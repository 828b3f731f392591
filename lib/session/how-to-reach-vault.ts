import { readCertificates } from "../core/files/certificates";
import { quote } from "../core/text";
import type { Deployment, VaultPlace } from "../model/deployment";
import { publicCaFile } from "../store/public-ca";

type Owner = Pick<Deployment, "instance" | "caFile" | "external">;

/** The CA certificates that verify Vault's certificate, at a path that every user of this host can read. */
export function readableCa({ instance, caFile, external }: Owner): string | undefined {
  return external ? caFile : caFile && publicCaFile(instance);
}

/** The SHA-256 of the CA that signs Vault's certificate. Undefined for plain HTTP, and for an external Vault. */
export function caFingerprint({ caFile, external }: Owner): string | undefined {
  return external || !caFile ? undefined : readCertificates(caFile)[0]?.fingerprint256;
}

/** The shell command that sets Vault's address and CA file. */
export function exportLine({
  address,
  caFile,
  namespace,
}: Pick<VaultPlace, "address" | "caFile" | "namespace">): string {
  const more = [
    caFile && ` VAULT_CACERT=${quote(caFile)}`,
    namespace && ` VAULT_NAMESPACE=${quote(namespace)}`,
  ];
  return `export VAULT_ADDR=${quote(address)}${more.filter(Boolean).join("")}`;
}

/** The command that forwards Vault's port to another machine, at the same address, which the certificate names. */
export function tunnelLine({ address }: Pick<VaultPlace, "address">): string {
  const port = new URL(address).port || "443";
  return `ssh -L ${port}:127.0.0.1:${port} USER@THIS-HOST`;
}

/** Why a browser warns of the instance's own CA, and how to verify it. Empty for plain HTTP. */
export function browserNotice(owner: Owner): string {
  const fingerprint = caFingerprint(owner);
  if (!fingerprint) return "";
  return `A browser warns once, since it does not know this instance's CA. Its SHA-256 is
  ${fingerprint.slice(0, 47)}
  ${fingerprint.slice(48)}
or import the file of VAULT_CACERT as an authority.
`;
}
