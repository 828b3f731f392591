import { approleMount, secretMount } from "../../model/own-vault";
import { attributesOf } from "../../model/terraform-state";
import { backupMount } from "../../vault/backup-mount";
import { approlePath, compareTuning, isUndone, secretPath } from "../../vault/compare-mounts";
import type { FieldDifference } from "../../vault/identities/compare-identities";
import { type Mount, mountsAnswer } from "../../vault/schemas";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, type Fix } from "../finding";
import type { Probe } from "../probe";

/** The types that Vault itself mounts. */
const builtIn = new Set([
  "system",
  "identity",
  "cubbyhole",
  "token",
  "ns_system",
  "ns_identity",
  "ns_cubbyhole",
  "ns_token",
]);

/** Inspects the mounts `secret/` and `openclaw/` and the auth method `approle/`; all others are unmanaged. */
export const vaultMounts: Probe = {
  id: "vault.mounts",
  async inspect(context) {
    const auditor = await context.auditor();
    const [engines, methods] = await Promise.all([
      auditor.call({ path: "sys/mounts" }, mountsAnswer),
      auditor.call({ path: "sys/auth" }, mountsAnswer),
    ]);
    return [
      ...(await secret(context, engines.data)),
      ...approle(context, methods.data["approle/"]),
      ...(context.deployed.external ? [] : forBackups(context, engines.data[backupMount.path])),
      ...(context.deployed.external
        ? []
        : [...clearLogs("mount", engines.data), ...clearLogs("auth method", methods.data)]),
      ...others(context, "secrets engine", engines.data, "secret/", backupMount.path),
      ...others(context, "auth method", methods.data, "approle/"),
    ];
  },
};

async function secret(context: DriftContext, engines: Readonly<Record<string, Mount>>): Promise<Finding[]> {
  const now = engines["secret/"];
  const subject = "mount secret/";
  const explains = ["plan.vault_mount.*", "plan.vault_kv_secret_v2.*", "secret.gone"];
  const [applied] = attributesOf(await context.openrouterState(), "vault_mount").values();
  const accessor = applied && String(applied.accessor);
  const again = "Restore its secrets from a backup; for an empty mount: openclaw-openrouter up";
  const lost = (summary: string, expected: string, actual: string, fix = again) =>
    drift({
      id: "vault.mount:secret",
      severity: "critical",
      subject,
      summary,
      expected,
      actual,
      fix: byPerson(fix),
      explains,
    });
  const [moved] = Object.entries(engines).find(([, each]) => each.accessor === accessor) ?? [];
  if (moved && moved !== "secret/") {
    const back = `vault secrets move ${moved} secret/  (with a root token)`;
    return [lost(`The mount secret/ was moved to ${moved}, with every secret in it`, "secret/", moved, back)];
  }
  if (!now) return [lost("The mount secret/ is gone, with every secret in it", "there", "gone")];
  if (accessor && accessor !== now.accessor)
    return [
      lost(
        "The mount secret/ was re-created: the secrets in the previous one are gone",
        accessor,
        now.accessor,
      ),
    ];
  return [
    ...kind(secretPath, subject, { type: "kv", version: "2" }, now),
    ...tuning(context, secretPath, subject, now, secretMount),
  ];
}

function approle(context: DriftContext, now: Mount | undefined): Finding[] {
  const subject = "auth method approle/";
  // Without it, the auditor cannot log in, and the probe `credentials` reports it.
  if (!now) return [];
  return [
    ...kind(approlePath, subject, { type: "approle" }, now),
    ...tuning(context, approlePath, subject, now, approleMount),
  ];
}

/** Inspects the managed mount to which a backup writes its own part. */
function forBackups(context: DriftContext, now: Mount | undefined): Finding[] {
  const { path, type, options } = backupMount;
  const subject = `mount ${path}`;
  if (now) {
    return [
      ...kind(path, subject, { type, version: options.version }, now),
      ...tuning(context, path, subject, now, backupMount),
    ];
  }
  return [
    drift({
      id: "vault.mount:openclaw",
      severity: "minor",
      subject,
      summary: `The mount ${path} is gone: no backup can be made`,
      expected: "there",
      actual: "gone",
      fix: context.renewal,
    }),
  ];
}

/** Compares the properties of a mount that no tuning can change. */
function kind(
  path: string,
  subject: string,
  expected: { readonly type: string; readonly version?: string },
  now: Mount,
): Finding[] {
  const compared: FieldDifference[] = [
    { field: "type", expected: expected.type, actual: now.type },
    {
      field: "options.version",
      expected: expected.version ?? "none",
      actual: (expected.version && now.options?.version) || "none",
    },
  ];
  return compared
    .filter(({ expected, actual }) => expected !== actual)
    .map((difference) =>
      differs(
        path,
        subject,
        difference,
        byPerson("Find out who mounted it, and what happened to its content."),
      ),
    );
}

/** Compares the tuning of a mount; the owner of an external Vault decides it. */
function tuning(
  context: DriftContext,
  path: string,
  subject: string,
  now: Mount,
  expected: { readonly description: string },
): Finding[] {
  if (context.deployed.external) return [];
  return compareTuning(now, expected).map((difference) => {
    const finding = differs(path, subject, difference, context.renewal);
    if (isUndone(difference)) return finding;
    const fix = byPerson("Find out who tuned it: Vault cannot undo this.");
    return { ...finding, id: finding.id.replace("vault.mount:", "vault.mount.kept:"), fix };
  });
}

/** The field names that differ in a plan. */
const plannedAs: Readonly<Record<string, string>> = {
  "config.default_lease_ttl": "default_lease_ttl_seconds",
  "config.max_lease_ttl": "max_lease_ttl_seconds",
};

function differs(path: string, subject: string, difference: FieldDifference, fix: Fix): Finding {
  const { field, expected, actual } = difference;
  return drift({
    id: `vault.mount:${path.replace(/\/$/, "")}:${field}`,
    // The audit log shows the values of these keys in the clear.
    severity: field.includes("audit_non_hmac") ? "critical" : "minor",
    subject,
    summary: `${field} of ${path} differs from the deployed value`,
    field,
    expected,
    actual,
    fix,
    explains: [`plan.vault_mount.*:${plannedAs[field] ?? field.replace(/^config\./, "")}*`],
  });
}

/** Vault's own mounts, whose values in the audit log are tokens: nobody may write them in the clear. */
function clearLogs(sort: string, mounts: Readonly<Record<string, Mount>>): Finding[] {
  return Object.entries(mounts)
    .filter(([, { type }]) => builtIn.has(type))
    .flatMap(([path, { config }]) =>
      Object.entries(config)
        .filter(
          ([field, value]) => field.startsWith("audit_non_hmac") && value !== null && String(value) !== "",
        )
        .map(([field, value]) =>
          drift({
            id: `vault.mount.clear:${path.replace(/\/$/, "")}`,
            severity: "critical",
            subject: `${sort} ${path}`,
            summary: `The audit log holds values of ${path} in the clear`,
            field: `config.${field}`,
            expected: "none",
            actual: String(value),
            fix: byPerson(
              `vault ${sort === "mount" ? "secrets" : "auth"} tune -${field.replaceAll("_", "-")}= ${path}  (with a root token)`,
            ),
          }),
        ),
    );
}

function others(
  context: DriftContext,
  sort: string,
  mounts: Readonly<Record<string, Mount>>,
  ...ours: readonly string[]
): Finding[] {
  return Object.entries(mounts)
    .filter(([path, { type }]) => !ours.includes(path) && !builtIn.has(type))
    .flatMap(([path, { type }]) => context.unmanaged(`${sort} ${path} (${type})`));
}
