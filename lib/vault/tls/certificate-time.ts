import type { X509Certificate } from "node:crypto";
import { readCertificates } from "../../core/files/certificates";
import { daysBetween } from "../../core/time";
import type { VaultTlsFiles } from "../../model/vault/vault-tls";

/** The days before its end from which the instance's own certificate is reported: it should have been renewed long before. */
const madeBefore = 365;

/**
 * The same for one of the user's own: a month, or a quarter of its lifetime if that is less. Let's Encrypt's clients renew at a
 * third, which is a month of 90 days: each renewal in time would be reported.
 */
function ownBefore(from: string, to: string): number {
  return Math.min(30, daysBetween(from, to) / 4);
}

/**
 * The problem with the remaining time of Vault's certificate, or of the CA that is pinned for it.
 * @returns undefined if enough time is left
 */
export function certificateProblem(
  { certificateFile, caFile, made }: VaultTlsFiles,
  now: Date,
): string | undefined {
  const [certificate] = readCertificates(certificateFile);
  return firstEnd(certificate, caFile, now, made ? () => madeBefore : ownBefore);
}

/**
 * The same for an external Vault, whose owner renews its certificate.
 * @param certificate the one that it serves
 * @param caFile the CA certificates that verify it. @default Node's own, which are not judged
 */
export function servedCertificateProblem(
  certificate: X509Certificate,
  caFile: string | undefined,
  now: Date,
): string | undefined {
  return firstEnd(certificate, caFile, now, ownBefore);
}

function firstEnd(
  certificate: X509Certificate | undefined,
  caFile: string | undefined,
  now: Date,
  before: typeof ownBefore,
): string | undefined {
  const ends = [
    { what: "Vault's certificate", of: certificate },
    // The CA that ends last, since a successor is pinned in time.
    { what: "the CA", of: lastOf(caFile === undefined ? [] : readCertificates(caFile)) },
  ];
  const [first] = ends.flatMap(({ what, of }) => {
    if (!of) return [];
    const left = Math.floor(daysBetween(now, of.validTo));
    if (left >= before(of.validFrom, of.validTo)) return [];
    return [left < 0 ? `${what} ended ${-left} days ago` : `${what} ends in ${left} days`];
  });
  return first;
}

function lastOf(certificates: readonly X509Certificate[]): X509Certificate | undefined {
  return [...certificates].sort((a, b) => Date.parse(b.validTo) - Date.parse(a.validTo))[0];
}
