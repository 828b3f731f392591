import { readCertificates } from "../../core/files/certificates";
import type { VaultTlsFiles } from "../../model/vault-tls";

const day = 86_400_000;

/** Days before its end from when on a certificate is told of: the instance's own should have been renewed long before. */
const toldBefore = { made: 365, own: 30 };

/**
 * What is to be said of the time that is left to Vault's certificate, or to the CA that is pinned for it.
 * @returns undefined if there is enough of it
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
    // The last one that is pinned: its successor stands beside it in time.
    { what: "the CA", end: latest(authorities.map(({ validTo }) => validTo)) },
  ];
  const [first] = ends.flatMap(({ what, end }) => {
    const left = end === undefined ? undefined : Math.floor((Date.parse(end) - now.getTime()) / day);
    if (left === undefined || left >= before) return [];
    return [left < 0 ? `${what} ended ${-left} days ago` : `${what} ends in ${left} days`];
  });
  return first;
}

function latest(times: readonly string[]): string | undefined {
  return [...times].sort((a, b) => Date.parse(b) - Date.parse(a))[0];
}
