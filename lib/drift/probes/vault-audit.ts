import { quote } from "../../core/text";
import { auditAnswer, compareAuditDevice, auditPath as ours } from "../../vault/compare-mounts";
import { drift } from "../finding";
import { type Findings, probe } from "../probe";

/** Inspects the audit device, whose log shows who read the key. */
export const vaultAudit = probe("vault.audit", async (context) => {
  const { external } = context.deployed;
  const { data } = await (await context.auditor()).call({ path: "sys/audit" }, auditAnswer);
  const devices = data ?? {};
  const others = Object.entries(devices)
    .filter(([path]) => path !== ours || external)
    .map(([path, { type, options }]): Findings => {
      const isRaw = String(options?.log_raw) === "true" && !external;
      return isRaw ? raw(path) : context.unmanaged(`audit device ${path} (${type})`);
    });
  // The owner of an external Vault decides about audit devices; the check warns if there is none.
  if (external) return others;
  const now = devices[ours];
  const difference = now && compareAuditDevice(now);
  const subject = `audit device ${ours}`;
  const base = { fix: context.renewal, explains: ["plan.vault_audit.*"] };
  return [
    others,
    !now &&
      drift("vault.audit", "critical", subject, {
        ...base,
        summary: "The audit device is disabled: no log shows who reads the key",
        compared: ["on", "off"],
      }),
    difference &&
      drift("vault.audit:options", "critical", subject, {
        ...base,
        ...difference,
        summary: "The options of the audit device differ from the deployed ones",
      }),
  ];
});

/** A device of any owner that writes raw values, the key among them. */
function raw(path: string) {
  return drift(`vault.audit.raw:${path.replace(/\/$/, "")}`, "critical", `audit device ${path}`, {
    summary: "Another audit device writes values in the clear: the key is in its log",
    compared: ["no such device", "true", "options.log_raw"],
    fix: `vault audit disable ${quote(path)}  (with a root token), then rotate the key: openclaw-openrouter key rotate`,
  });
}
