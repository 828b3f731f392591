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
      `vault audit disable ${path}  (with a root token), then rotate the key: npx openclaw-openrouter rotate`,
    ),
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function describe({ type, options }: { type: string; options: Record<string, unknown> }): string {
  const entries = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return [type, ...entries.sort()].join(" ");
}
