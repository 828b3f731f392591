import { X509Certificate } from "node:crypto";
import { readTextIfThere } from "../instance/files";
import { publicCaFile } from "../instance/public-ca";
import type { Deployment } from "../model/deployment";

/** What a person is told who wants to reach Vault from a shell, a browser or another machine. */
type Reached = Pick<Deployment, "instance" | "address" | "caFile" | "port" | "existing">;

/** The CA certificates that verify Vault's, at a path that every user of this host can read. */
export function readableCa({ instance, caFile, existing }: Reached): string | undefined {
  return existing ? caFile : caFile && publicCaFile(instance);
}

/** Tells a shell where Vault is, and by what its certificate is verified. */
export function exportLine(reached: Reached): string {
  const ca = readableCa(reached);
  return `export VAULT_ADDR=${reached.address}${ca ? ` VAULT_CACERT=${ca}` : ""}`;
}

/** Brings Vault's port to another machine, at the same address: the certificate names it there as well. */
export function tunnelLine({ address }: Reached): string {
  const port = new URL(address).port || "443";
  return `ssh -L ${port}:127.0.0.1:${port} USER@THIS-HOST`;
}

/** What a browser says of a certificate of the instance's own CA, and how to see that it is the right one. Empty for plain HTTP. */
export function browserNotice({ caFile, existing }: Reached): string {
  const text = existing ? undefined : caFile && readTextIfThere(caFile);
  if (!text) return "";
  const { fingerprint256 } = new X509Certificate(text);
  return `A browser warns once, since it does not know this instance's CA. Its SHA-256 is
  ${fingerprint256.slice(0, 47)}
  ${fingerprint256.slice(48)}
or import the file of VAULT_CACERT as an authority.
`;
}
