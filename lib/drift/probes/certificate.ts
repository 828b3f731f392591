import { certificateProblem } from "../../vault/tls/certificate-time";
import { servesAnother } from "../../vault/tls/place-tls";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";

/** Inspects the certificate that Vault serves and its validity. Drift takes no lock, so it renews nothing. */
export const certificate: Probe = {
  id: "certificate",
  managedOnly: true,
  async inspect(context) {
    const { tls } = context.deployed;
    if (!tls) return [];
    return [...time(context, tls), ...(await served(context, tls))];
  },
};

type Tls = NonNullable<DriftContext["deployed"]["tls"]>;

function time({ deployed }: DriftContext, tls: Tls): Finding[] {
  const problem = certificateProblem(tls, new Date());
  if (!problem) return [];
  return [
    drift({
      id: "certificate.time",
      severity: problem.includes("ago") ? "major" : "minor",
      subject: `certificate of Vault at ${deployed.address}`,
      summary: problem,
      expected: tls.made ? "renewed at half of its validity" : "valid for more than 30 days",
      actual: problem,
      fix: byPerson(
        tls.made
          ? `openclaw-openrouter vault unseal --instance ${deployed.instance}  (renews it)`
          : "Renew the files that `vault.tls` names in the settings. Vault serves them after the next command.",
      ),
    }),
  ];
}

/** Compares the certificate served at the port; the probe `vault` finds out whether Vault serves it. */
async function served({ deployed }: DriftContext, tls: Tls): Promise<Finding[]> {
  const { container, port, instance, address } = deployed;
  if (!(await servesAnother({ instanceId: "", container, port, tls }).catch(() => false))) return [];
  return [
    drift({
      id: "certificate.served",
      severity: "minor",
      subject: `certificate of Vault at ${address}`,
      summary: "Vault serves another certificate than the one in this instance's files",
      expected: tls.certificateFile,
      actual: "another one",
      fix: byPerson(`openclaw-openrouter vault unseal --instance ${instance}  (makes Vault serve it)`),
    }),
  ];
}
