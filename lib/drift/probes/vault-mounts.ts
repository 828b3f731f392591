import { compareFields, type FieldDifference } from "../../core/compare-fields";
import { quote } from "../../core/text";
import { attributesOf } from "../../model/terraform-state";
import { approleMount, secretMount, tokenMount } from "../../model/vault/own-vault";
import { backupMount } from "../../vault/backup-mount";
import {
  approlePath,
  compareTokens,
  compareTuning,
  isUndone,
  secretPath,
  tokenPath,
} from "../../vault/compare-mounts";
import { type Mount, mountsAnswer } from "../../vault/schemas";
import type { DriftContext } from "../context";
import { drift, type Finding, type Fix, gone } from "../finding";
import { type Findings, probe } from "../probe";

/** The types that Vault itself mounts, with and without a namespace. */
const builtIn = new Set(["system", "identity", "cubbyhole", "token"].flatMap((type) => [type, `ns_${type}`]));

/**
 * Inspects the mounts `secret/` and `openclaw/`, the auth method `approle/`, and how long tokens can last; all others are unmanaged.
 */
export const vaultMounts = probe("vault.mounts", async (context) => {
  const auditor = await context.auditor();
  const [engines, methods] = await Promise.all([
    auditor.call({ path: "sys/mounts" }, mountsAnswer),
    auditor.call({ path: "sys/auth" }, mountsAnswer),
  ]);
  // Without approle/, the auditor cannot log in, and the probe `credentials` reports it.
  const approle = methods.data[approlePath];
  const { options, ...backups } = backupMount;
  const forBackups = engines.data[backups.path];
  const tokens = methods.data[tokenPath];
  const subject = `mount ${backups.path}`;
  return [
    await secret(context, engines.data),
    approle &&
      differences(
        context,
        { ...approleMount, path: approlePath, subject: `auth method ${approlePath}` },
        approle,
      ),
    !context.deployed.external &&
      (forBackups
        ? differences(context, { ...backups, version: options.version, subject }, forBackups)
        : gone("vault.mount:openclaw", "minor", subject, {
            summary: `The mount ${backups.path} is gone: no backup can be made`,
            fix: context.renewal,
          })),
    tokens &&
      !context.deployed.external &&
      compareTokens(tokens).map((each) => tuned(context, tokenMount.path, `auth method ${tokenPath}`, each)),
    !context.deployed.external && [clearLogs("mount", engines.data), clearLogs("auth method", methods.data)],
    others(context, "secrets engine", engines.data, secretPath, backups.path),
    others(context, "auth method", methods.data, approlePath),
  ];
});

/** A mount as it was made. */
interface DeclaredMount {
  readonly path: string;
  readonly subject: string;
  readonly type: string;
  readonly version?: string;
  readonly description: string;
}

async function secret(context: DriftContext, engines: Readonly<Record<string, Mount>>): Promise<Findings> {
  const now = engines[secretPath];
  const subject = "mount secret/";
  const [applied] = attributesOf(await context.knownState("openrouter"), "vault_mount").values();
  const accessor = applied && String(applied.accessor);
  const again = "Restore its secrets from a backup; for an empty mount: openclaw-openrouter up";
  const lost = (summary: string, expected: string, actual: string, fix = again) =>
    drift("vault.mount:secret", "critical", subject, {
      summary,
      compared: [expected, actual],
      fix: fix,
      explains: ["plan.vault_mount.*", "plan.vault_kv_secret_v2.*", "secret.gone"],
    });
  const [moved] = Object.entries(engines).find(([, each]) => each.accessor === accessor) ?? [];
  if (moved && moved !== secretPath) {
    const back = `vault secrets move ${quote(moved)} secret/  (with a root token)`;
    return lost(`The mount secret/ was moved to ${moved}, with every secret in it`, "secret/", moved, back);
  }
  if (!now) return lost("The mount secret/ is gone, with every secret in it", "there", "gone");
  if (accessor && accessor !== now.accessor) {
    const summary = "The mount secret/ was re-created: the secrets in the previous one are gone";
    return lost(summary, accessor, now.accessor);
  }
  return differences(context, { ...secretMount, path: secretPath, subject, type: "kv", version: "2" }, now);
}

/** Compares what no tuning can change; and the tuning, which the owner of an external Vault decides. */
function differences(context: DriftContext, declared: DeclaredMount, now: Mount): Findings {
  const { path, subject, type, version } = declared;
  const fixed = compareFields([
    ["type", type, now.type],
    ["options.version", version ?? "none", (version && now.options?.version) || "none"],
  ]);
  const tunings = context.deployed.external ? [] : compareTuning(now, declared);
  const mount = path.replace(/\/$/, "");
  const whoMounted = "Find out who mounted it, and what happened to its content.";
  const whoTuned = "Find out who tuned it: Vault cannot undo this.";
  return [
    fixed.map((each) => tuned(context, mount, subject, each, whoMounted)),
    tunings.map((each) =>
      isUndone(each)
        ? tuned(context, mount, subject, each)
        : tuned(context, mount, subject, each, whoTuned, ".kept"),
    ),
  ];
}

function tuned(
  context: DriftContext,
  mount: string,
  subject: string,
  difference: FieldDifference,
  fix: Fix | string = context.renewal,
  kept = "",
): Finding {
  const { field } = difference;
  return drift(
    `vault.mount${kept}:${mount}:${field}`,
    // The audit log shows the values of these keys in the clear.
    field.includes("audit_non_hmac") ? "critical" : "minor",
    subject,
    {
      ...difference,
      summary: `${field} of ${mount}/ differs from the deployed value`,
      fix,
      explains: [`plan.vault_mount.*:${plannedAs[field] ?? field.replace(/^config\./, "")}*`],
    },
  );
}

/** The field names that differ in a plan. */
const plannedAs: Readonly<Record<string, string>> = {
  "config.default_lease_ttl": "default_lease_ttl_seconds",
  "config.max_lease_ttl": "max_lease_ttl_seconds",
};

/** Vault's own mounts, whose values in the audit log are tokens: nobody may write them in the clear. */
function clearLogs(sort: string, mounts: Readonly<Record<string, Mount>>): Findings {
  return Object.entries(mounts)
    .filter(([, { type }]) => builtIn.has(type))
    .map(([path, { config }]) =>
      Object.entries(config).map(
        ([field, value]) =>
          field.startsWith("audit_non_hmac") &&
          String(value ?? "") !== "" &&
          drift(`vault.mount.clear:${path.replace(/\/$/, "")}`, "critical", `${sort} ${path}`, {
            summary: `The audit log holds values of ${path} in the clear`,
            compared: ["none", String(value), `config.${field}`],
            fix: `vault ${sort === "mount" ? "secrets" : "auth"} tune -${field.replaceAll("_", "-")}= ${quote(path)}  (with a root token)`,
          }),
      ),
    );
}

function others(
  context: DriftContext,
  sort: string,
  mounts: Readonly<Record<string, Mount>>,
  ...ours: readonly string[]
): Findings {
  return Object.entries(mounts)
    .filter(([path, { type }]) => !ours.includes(path) && !builtIn.has(type))
    .map(([path, { type }]) => context.unmanaged(`${sort} ${path} (${type})`));
}
