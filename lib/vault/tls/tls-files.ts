import { createPrivateKey, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { attempt } from "../../core/attempt";
import { UserError } from "../../core/errors";
import { certificatesIn } from "../../core/files/certificates";
import type { VaultTlsFiles } from "../../model/vault/vault-tls";
import { readNamedFile } from "../read-named-file";

/** The paths of the TLS files on the host. */
export type TlsPaths = Omit<VaultTlsFiles, "made">;

/** The content of the TLS files, PEM. The key is a secret. */
interface TlsFiles {
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
  const end = endOfChain(chain, authorities);
  if (!authorities.some(({ fingerprint256 }) => fingerprint256 === end.fingerprint256) || !isOwnIssuer(end)) {
    throw new UserError({
      problem: `${caFile} does not verify the certificate in ${certificateFile}.`,
      got: `a chain that ends with a certificate issued by ${oneLine(end.issuer)}`,
      expected: `the root of that chain, valid now, among the certificates of ${caFile}: ${authorities.map(describe).join("; ")}`,
      fix: "Set `vault.tls.caFile` to the root CA that the certificate goes back to, and add intermediate certificates to the certificate's own file.",
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
  if (isActive(leaf)) return;
  throw new UserError({
    problem: `The certificate in ${path} is not valid.`,
    got: `one that is valid from ${leaf.validFrom} to ${leaf.validTo}`,
    expected: `one that is valid now, ${new Date(Date.now()).toUTCString()}`,
    fix: "Have it issued again.",
  });
}

function isActive({ validFrom, validTo }: X509Certificate): boolean {
  const now = Date.now();
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
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

/**
 * The last certificate of a chain: its root, unless one on the way is missing or not valid now. Node, unlike Terraform's provider,
 * trusts no chain without its root.
 */
function endOfChain(
  [leaf, ...intermediates]: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): X509Certificate {
  const left = new Set(
    [
      ...authorities.filter(isOwnIssuer),
      ...authorities.filter((each) => !isOwnIssuer(each)),
      ...intermediates,
    ].filter(isActive),
  );
  let end = leaf!;
  while (!isOwnIssuer(end)) {
    const issuer = [...left].find((each) => end.checkIssued(each) && end.verify(each.publicKey));
    if (!issuer) return end;
    left.delete(issuer);
    end = issuer;
  }
  return end;
}

function isOwnIssuer(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

function describe(authority: X509Certificate): string {
  const { subject, validFrom, validTo } = authority;
  return `${oneLine(subject)}${isActive(authority) ? "" : `, which is valid from ${validFrom} to ${validTo}`}`;
}

function oneLine(name: string): string {
  return name.replaceAll("\n", ", ") || "nobody named";
}
