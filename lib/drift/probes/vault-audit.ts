import { auditAnswer, compareAuditDevice, auditPath as ours } from "../../vault/compare-mounts";
import { byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";

/** Inspects the audit device, whose log shows who read the key. */
export const vaultAudit: Probe = {
  id: "vault.audit",
  async inspect(context) {
    const { data } = await (await context.auditor()).call({ path: "sys/audit" }, auditAnswer);
    const devices = data ?? {};
    const findings: Finding[] = [];
    for (const [path, { type, options }] of Object.entries(devices)) {
      if (path === ours && !context.deployed.external) continue;
      const isRaw = String(options?.log_raw) === "true" && !context.deployed.external;
      findings.push(...(isRaw ? [raw(path)] : context.unmanaged(`audit device ${path} (${type})`)));
    }
    // The owner of an external Vault decides about audit devices; the check warns if there is none.
    if (context.deployed.external) return findings;
    const now = devices[ours];
    const subject = `audit device ${ours}`;
    const explains = ["plan.vault_audit.*"];
    if (!now) {
      const summary = "The audit device is disabled: no log shows who reads the key";
      const base = { id: "vault.audit", severity: "critical" as const, subject, summary, explains };
      return [...findings, drift({ ...base, expected: "on", actual: "off", fix: context.renewal })];
    }
    const difference = compareAuditDevice(now);
    if (!difference) return findings;
    const summary = "The options of the audit device differ from the deployed ones";
    return [
      ...findings,
      drift({
        id: "vault.audit:options",
        severity: "critical",
        subject,
        summary,
        field: difference.field,
        expected: difference.expected,
        actual: difference.actual,
        fix: context.renewal,
        explains,
      }),
    ];
  },
};

/** A device of any owner that writes raw values, the key among them. */
function raw(path: string): Finding {
  return drift({
    id: `vault.audit.raw:${path.replace(/\/$/, "")}`,
    severity: "critical",
    subject: `audit device ${path}`,
    summary: "Another audit device writes values in the clear: the key is in its log",
    field: "options.log_raw",
    expected: "no such device",
    actual: "true",
    fix: byPerson(
      `vault audit disable ${path}  (with a root token), then rotate the key: openclaw-openrouter key rotate`,
    ),
  });
}
