import { auditAnswer, compareAuditDevice, auditPath as ours } from "../../vault/compare-mounts";
import { byPerson, drift, type Finding, type Probe } from "../finding";

/** Who read the key: the audit device, and what it writes. */
export const vaultAudit: Probe = {
  id: "vault.audit",
  async look(context) {
    const { data } = await (await context.auditor()).call({ path: "sys/audit" }, auditAnswer);
    const devices = data ?? {};
    const findings: Finding[] = [];
    for (const [path, { type, options }] of Object.entries(devices)) {
      if (path === ours && !context.deployed.existing) continue;
      const isRaw = String(options?.log_raw) === "true" && !context.deployed.existing;
      findings.push(...(isRaw ? [raw(path)] : context.notOurs(`audit device ${path} (${type})`)));
    }
    // Where Vault was there before, it is its owner's whether there is one: the check says so where there is none.
    if (context.deployed.existing) return findings;
    const now = devices[ours];
    const subject = `audit device ${ours}`;
    const explains = ["plan.vault_audit.*"];
    if (!now) {
      const seen = "The audit device is off: nobody can tell who reads the key";
      const base = { id: "vault.audit", severity: "critical" as const, subject, seen, explains };
      return [...findings, drift({ ...base, declared: "on", found: "off", mend: context.renewal })];
    }
    const difference = compareAuditDevice(now);
    if (!difference) return findings;
    const seen = "The audit device writes otherwise than was deployed";
    return [
      ...findings,
      drift({
        id: "vault.audit:options",
        severity: "critical",
        subject,
        seen,
        field: difference.field,
        declared: difference.expected,
        found: difference.actual,
        mend: context.renewal,
        explains,
      }),
    ];
  },
};

/** Whoever's it is: the key stands in what it writes. */
function raw(path: string): Finding {
  return drift({
    id: `vault.audit.raw:${path.replace(/\/$/, "")}`,
    severity: "critical",
    subject: `audit device ${path}`,
    seen: "Another audit device writes values in the clear: the key is in its log",
    field: "options.log_raw",
    declared: "no device that does",
    found: "true",
    mend: byPerson(
      `vault audit disable ${path}  (with a root token), then rotate the key: openclaw-openrouter key rotate`,
    ),
  });
}
