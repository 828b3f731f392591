import { z } from "zod";
import { attributesOf } from "../../terraform/state";
import { byPerson, drift, type Finding, fix, type Probe } from "../finding";

const auditAnswer = z.object({
  data: z
    .record(z.string(), z.object({ type: z.string(), options: z.record(z.string(), z.unknown()).nullish() }))
    .nullish(),
});

const ours = "file/";

/** Who read the key: the audit device, and what it writes. */
export const vaultAudit: Probe = {
  id: "vault.audit",
  async look(context) {
    const { data } = await (await context.auditor()).call({ path: "sys/audit" }, auditAnswer);
    const devices = data ?? {};
    const findings: Finding[] = [];
    for (const [path, { type }] of Object.entries(devices)) {
      if (path === ours && !context.deployed.existing) continue;
      findings.push(...context.notOurs(`audit device ${path} (${type})`));
    }
    // Where Vault was there before, it is its owner's whether there is one: the check says so where there is none.
    if (context.deployed.existing) return findings;
    const now = devices[ours];
    const subject = `audit device ${ours}`;
    const explains = ["plan.vault_audit.*"];
    if (!now) {
      const seen = "The audit device is off: nobody can tell who reads the key";
      const base = { id: "vault.audit", severity: "critical" as const, subject, seen, explains };
      return [...findings, drift({ ...base, declared: "on", found: "off" })];
    }
    const [applied] = attributesOf(await context.openrouterState(), "vault_audit").values();
    const declared = describe({ type: String(applied?.type ?? "file"), options: record(applied?.options) });
    const found = describe({ type: now.type, options: now.options ?? {} });
    if (!applied || declared === found) return findings;
    const seen = "The audit device writes otherwise than was deployed";
    return [
      ...findings,
      drift({
        id: "vault.audit:options",
        severity: "critical",
        subject,
        seen,
        field: "options",
        declared,
        found,
        ...(context.sharesAreHere
          ? {}
          : { mend: byPerson(`vault audit disable file  (with a root token), then ${fix}`) }),
        explains,
      }),
    ];
  },
};

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function describe({ type, options }: { type: string; options: Record<string, unknown> }): string {
  const entries = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return [type, ...entries.sort()].join(" ");
}
