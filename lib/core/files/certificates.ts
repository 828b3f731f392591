import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { attempt } from "../attempt";
import { readTextIfThere } from "./files";

/** The certificates of a PEM file; none if the file is missing or one of them cannot be read. */
export function readCertificates(path: string): X509Certificate[] {
  return attempt(() => certificatesIn(readTextIfThere(path) ?? "")) ?? [];
}

/** The certificates in a PEM text. @throws Error if one of them cannot be read */
export function certificatesIn(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Certificates as a PEM text, each once, without expired ones. */
export function pemOf(certificates: readonly X509Certificate[], now: Date): string {
  const active = certificates.filter(({ validTo }) => now < new Date(validTo));
  return [...new Map(active.map((each) => [each.fingerprint256, each.toString()])).values()].join("");
}

/**
 * The CA certificates that the system trusts: Node trusts only its own list. A company's certificate is in the system's files,
 * or in those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead for a Go program.
 */
export function systemCertificates({ SSL_CERT_FILE, SSL_CERT_DIR }: NodeJS.ProcessEnv): string[] {
  const files = SSL_CERT_FILE ? [SSL_CERT_FILE] : systemFiles;
  const read = (path: string) => attempt(() => readFileSync(path, "utf8")) ?? [];
  const folders = SSL_CERT_DIR?.split(":").filter(Boolean) ?? [];
  return [
    ...rootCertificates,
    ...files.flatMap(read).slice(0, 1),
    ...folders.flatMap((folder) =>
      (attempt(() => readdirSync(folder)) ?? []).flatMap((name) => read(join(folder, name))),
    ),
  ];
}

const systemFiles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
