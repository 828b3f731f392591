import { readCertificates } from "../../core/files/certificates";
import { daysBetween } from "../../core/time";
import type { VaultTlsFiles } from "../../model/vault/vault-tls";

/** The days before its end from which a certificate is reported. The instance's own should have been renewed long before. */
const toldBefore = { made: 365, own: 30 };

/**
 * The problem with the remaining time of Vault's certificate, or of the CA that is pinned for it.
 * @returns undefined if enough time is left
 */
export function certificateProblem(
  { certificateFile, caFile, made }: VaultTlsFiles,
  now: Date,
): string | undefined {
  const before = made ? toldBefore.made : toldBefore.own;
  const [certificate] = readCertificates(certificateFile);
  const authorities = readCertificates(caFile);
  const ends = [
    { what: "Vault's certificate", end: certificate?.validTo },
    // The CA that ends last, since a successor is pinned in time.
    { what: "the CA", end: latest(authorities.map(({ validTo }) => validTo)) },
  ];
  const [first] = ends.flatMap(({ what, end }) => {
    const left = end === undefined ? undefined : Math.floor(daysBetween(now, end));
    if (left === undefined || left >= before) return [];
    return [left < 0 ? `${what} ended ${-left} days ago` : `${what} ends in ${left} days`];
  });
  return first;
}

function latest(times: readonly string[]): string | undefined {
  return [...times].sort((a, b) => Date.parse(b) - Date.parse(a))[0];
}
