import { certificateProblem } from "../../vault/tls/certificate-time";
import { servesAnother } from "../../vault/tls/place-tls";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** Inspects the certificate that Vault serves and its validity. Drift takes no lock, so it renews nothing. */
export const certificate = managedProbe("certificate", async ({ deployed }) => {
  const { tls, container, port, instance, address } = deployed;
  if (!tls) return [];
  const subject = `certificate of Vault at ${address}`;
  const unseal = `openclaw-openrouter vault unseal --instance ${instance}`;
  const problem = certificateProblem(tls, new Date());
  // The probe `vault` finds out whether Vault serves at the port.
  const isOther = await servesAnother({ instanceId: "", container, port, tls }).catch(() => false);
  return [
    problem !== undefined &&
      drift("certificate.time", problem.includes("ago") ? "major" : "minor", subject, {
        summary: problem,
        compared: [tls.made ? "renewed at half of its validity" : "valid for more than 30 days", problem],
        fix: tls.made
          ? `${unseal}  (renews it)`
          : "Renew the files that `vault.tls` names in the settings. Vault serves them after the next command.",
      }),
    isOther &&
      drift("certificate.served", "minor", subject, {
        summary: "Vault serves another certificate than the one in this instance's files",
        compared: [tls.certificateFile, "another one"],
        fix: `${unseal}  (makes Vault serve it)`,
      }),
  ];
});
