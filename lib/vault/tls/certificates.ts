import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import { AsnConvert } from "@peculiar/asn1-schema";
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from "@peculiar/asn1-x509";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its private key, PEM. The key is a secret. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: string;
}

/** The validity period of a certificate. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The names and address ranges (CIDR) that a CA can certify. */
interface Constraints {
  readonly dns: readonly string[];
  readonly ip: readonly string[];
}

type CryptoKey = webcrypto.CryptoKey;
type CryptoKeyPair = webcrypto.CryptoKeyPair;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
/** Name constraints, RFC 5280, section 4.2.1.10. */
const nameConstraintsId = "2.5.29.30";

/** A CA, self-signed, that can certify servers within its constraints and nothing else: ECDSA P-256. */
export async function makeAuthority(
  name: string,
  validity: Validity,
  constraints: Constraints,
): Promise<CertifiedKey> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity,
      name: `CN=${escaped(name)}`,
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        // Node does not show name constraints: these names show which ones the CA can certify.
        new SubjectAlternativeNameExtension(constraints.dns.map((value) => ({ type: "dns", value }))),
        new Extension(nameConstraintsId, true, encodeConstraints(constraints)),
      ],
    },
    webcrypto,
  );
  return certifiedKey(certificate, keys);
}

/**
 * A server's certificate, signed by a CA.
 * @param names the DNS names and IP addresses of the server
 */
export async function certifyServer(
  authority: CertifiedKey,
  validity: Validity,
  names: readonly string[],
): Promise<CertifiedKey> {
  const keys = await generateKeys();
  const signer = new X509Certificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create(
    {
      ...validity,
      subject: "CN=openclaw-openrouter Vault",
      issuer: signer.subject,
      publicKey: keys.publicKey,
      signingKey: await importKey(authority.key),
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        // It distinguishes CAs of one name: lost files are made again on the day on which they were made.
        await AuthorityKeyIdentifierExtension.create(signer.publicKey, false, webcrypto),
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value })),
        ),
      ],
    },
    webcrypto,
  );
  return certifiedKey(certificate, keys);
}

function generateKeys(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

async function certifiedKey(
  certificate: X509Certificate,
  { privateKey }: CryptoKeyPair,
): Promise<CertifiedKey> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey));
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return {
    certificate: `${certificate.toString("pem")}\n`,
    key: key.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

function importKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ format: "der", type: "pkcs8" });
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

function encodeConstraints({ dns, ip }: Constraints): ArrayBuffer {
  const bases = [
    ...dns.map((dNSName) => new GeneralName({ dNSName })),
    ...ip.map((iPAddress) => new GeneralName({ iPAddress })),
  ];
  const permittedSubtrees = new GeneralSubtrees(bases.map((base) => new GeneralSubtree({ base })));
  return AsnConvert.serialize(new NameConstraints({ permittedSubtrees }));
}

/** Escapes the characters that end a part of a distinguished name. */
function escaped(name: string): string {
  return name.replace(/[",+;<>\\=#]/g, (sign) => `\\${sign}`);
}
