import { attempt } from "../../core/attempt";
import { ifError, UserError, type UserErrorProps } from "../../core/errors";
import type { VaultTlsFiles } from "../../model/vault/vault-tls";
import { certificateProblem } from "../../vault/tls/certificate-time";
import { servesAnother } from "../../vault/tls/place-tls";
import { readTlsFiles } from "../../vault/tls/tls-files";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** Inspects the certificate that Vault serves and its validity. Drift takes no lock, so it renews nothing. */
export const certificate = managedProbe("certificate", async ({ deployed }) => {
  const { tls, container, port, address } = deployed;
  if (!tls) return [];
  const subject = `certificate of Vault at ${address}`;
  const unseal = "openclaw-openrouter vault unseal";
  const problem = certificateProblem(tls, new Date());
  // The probe `vault` finds out whether Vault serves at the port.
  const unusable = problemOf(tls);
  const hasEnded = problem?.includes("ago") === true;
  const isOther = await servesAnother({ instanceId: "", container, port, tls }).catch(() => false);
  return [
    problem !== undefined &&
      drift("certificate.time", hasEnded ? "major" : "minor", subject, {
        summary: problem,
        // Without the days, which are others tomorrow: a baseline knows the same end as the same.
        compared: [
          tls.made ? "renewed at half of its validity" : "renewed in time",
          hasEnded ? "ended" : "about to end",
        ],
        fix: tls.made
          ? `${unseal}  (renews it)`
          : "Renew the files that `vault.tls` names in the settings. Vault serves them after the next command.",
      }),
    unusable !== undefined &&
      drift("certificate.files", "major", subject, {
        summary: `The files of Vault's certificate cannot be served. ${unusable.problem}`,
        ...(unusable.got === undefined || unusable.expected === undefined
          ? {}
          : { compared: [unusable.expected, unusable.got] as const }),
        fix: tls.made
          ? `${unseal}  (makes them again)`
          : (unusable.fix ?? "Correct the files that `vault.tls` names in the settings."),
      }),
    isOther &&
      drift("certificate.served", "minor", subject, {
        summary: "Vault serves another certificate than the one in this instance's files",
        compared: [tls.certificateFile, "another one"],
        fix: `${unseal}  (makes Vault serve it)`,
      }),
  ];
});

/** Why Vault could not serve the files. */
function problemOf(tls: VaultTlsFiles): UserErrorProps | undefined {
  return attempt(
    () => void readTlsFiles(tls),
    ifError(UserError, ({ props }) => props),
  );
}
