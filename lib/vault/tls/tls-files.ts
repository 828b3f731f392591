import { createPrivateKey, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { attempt } from "../../core/attempt";
import { UserError } from "../../core/errors";
import { certificatesIn } from "../../core/files/certificates";
import { readNamedFile } from "../read-named-file";

/** The paths of the TLS files on the host. */
export interface TlsPaths {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** The content of the TLS files, PEM. The key is a secret. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/**
 * Reads the files with which Vault is to serve TLS, and verifies that they will work, before anything is changed.
 * @param outside the name or address by which other hosts reach Vault. @default none do
 * @throws UserError that names the wrong file, and shows nothing of the key
 */
export function readTlsFiles({ certificateFile, keyFile, caFile }: TlsPaths, outside?: string): TlsFiles {
  const files = { certificate: read(certificateFile), key: read(keyFile), ca: read(caFile) };
  const chain = certificates(files.certificate, certificateFile);
  const authorities = certificates(files.ca, caFile);
  const leaf = chain[0]!;
  requireName(leaf, certificateFile, "127.0.0.1");
  if (outside !== undefined) requireName(leaf, certificateFile, outside);
  requireActive(leaf, certificateFile);
  requireKey(leaf, files.key, keyFile, certificateFile);
  if (!isVerified(chain, authorities)) {
    throw new UserError({
      problem: `${caFile} does not verify the certificate in ${certificateFile}.`,
      got: `a certificate issued by ${oneLine(chain.at(-1)!.issuer)}`,
      expected: `one issued by ${authorities.map(({ subject }) => oneLine(subject)).join(", or by ")}`,
      fix: "Set `vault.tls.caFile` to the CA that issued it, and add intermediate certificates to the certificate's own file.",
    });
  }
  return files;
}

const read = (path: string) => readNamedFile(path, "serve TLS", "vault.tls");

function certificates(pem: string, path: string): X509Certificate[] {
  const found = attempt(() => certificatesIn(pem)) ?? [];
  if (found.length > 0) return found;
  throw new UserError({
    problem: `${path} holds no certificate that can be read.`,
    expected: "PEM: -----BEGIN CERTIFICATE-----",
  });
}

function requireName(leaf: X509Certificate, path: string, name: string): void {
  const isAddress = isIP(name) !== 0;
  if (isAddress ? leaf.checkIP(name) : leaf.checkHost(name)) return;
  const wanted = `${isAddress ? "IP" : "DNS"}:${name}`;
  throw new UserError({
    problem: `The certificate in ${path} does not name ${name}, by which Vault is reached.`,
    got: leaf.subjectAltName ?? "no subject alternative name",
    expected: `${wanted} among its subject alternative names`,
    fix: `Have it issued again, with openssl by: -addext "subjectAltName=${["IP:127.0.0.1", "DNS:localhost", wanted].filter((each, index, all) => all.indexOf(each) === index).join(",")}"`,
  });
}

function requireActive(leaf: X509Certificate, path: string): void {
  const now = Date.now();
  if (Date.parse(leaf.validFrom) <= now && now < Date.parse(leaf.validTo)) return;
  throw new UserError({
    problem: `The certificate in ${path} is not valid.`,
    got: `one that is valid from ${leaf.validFrom} to ${leaf.validTo}`,
    expected: `one that is valid now, ${new Date(now).toUTCString()}`,
    fix: "Have it issued again.",
  });
}

function requireKey(leaf: X509Certificate, pem: string, path: string, certificateFile: string): void {
  const isItsKey = attempt(() => leaf.checkPrivateKey(createPrivateKey(pem)));
  if (isItsKey) return;
  throw new UserError(
    isItsKey === undefined
      ? {
          problem: `${path} holds no private key that can be read.`,
          expected: "PEM, without a passphrase, since nobody can type it when Vault starts",
        }
      : {
          problem: `The private key in ${path} is not that of the certificate in ${certificateFile}.`,
          fix: "Set `vault.tls` to two files that belong together.",
        },
  );
}

/** Whether one of the CAs is in the chain, or issued its last certificate. */
function isVerified(chain: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean {
  const end = chain.at(-1)!;
  return authorities.some(
    (authority) =>
      chain.some(({ fingerprint256 }) => fingerprint256 === authority.fingerprint256) ||
      (end.checkIssued(authority) && end.verify(authority.publicKey)),
  );
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ") || "nobody named";
}
