import { z } from "zod";
import { attributesOf } from "../../terraform/state";
import { backupMount } from "../../vault/backup-mount";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, type Probe } from "../finding";

const mount = z.object({
  type: z.string(),
  accessor: z.string(),
  description: z.string().default(""),
  local: z.boolean().default(false),
  seal_wrap: z.boolean().default(false),
  options: z.record(z.string(), z.string()).nullish(),
  config: z.record(z.string(), z.unknown()).default({}),
});
type Mount = z.output<typeof mount>;
const mountsAnswer = z.object({ data: z.record(z.string(), mount) });

/** Vault mounts these by itself. */
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

/** How Vault tunes a mount by itself. */
const untuned: Readonly<Record<string, unknown>> = {
  default_lease_ttl: 0,
  max_lease_ttl: 0,
  force_no_cache: false,
  token_type: "default-service",
};

/** The mounts `secret/` and `openclaw/`, and the auth method by which our identities log in; all others are the user's. */
export const vaultMounts: Probe = {
  id: "vault.mounts",
  async look(context) {
    const auditor = await context.auditor();
    const [engines, methods] = await Promise.all([
      auditor.call({ path: "sys/mounts" }, mountsAnswer),
      auditor.call({ path: "sys/auth" }, mountsAnswer),
    ]);
    return [
      ...(await secret(context, engines.data)),
      ...approle(context, methods.data["approle/"]),
      ...(context.deployed.existing ? [] : forBackups(context, engines.data[backupMount.path])),
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
  const anew = "A backup brings its secrets back; with an empty one: npx openclaw-openrouter up";
  const lost = (seen: string, declared: string, found: string, remedy = anew) =>
    drift({
      id: "vault.mount:secret",
      severity: "critical",
      subject,
      seen,
      declared,
      found,
      mend: byPerson(remedy),
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
      lost("The mount secret/ was made anew: what was stored in the old one is gone", accessor, now.accessor),
    ];
  return differences(context, "secret/", subject, now, {
    type: "kv",
    version: "2",
    description: String(applied?.description ?? now.description),
  });
}

function approle(context: DriftContext, now: Mount | undefined): Finding[] {
  const subject = "auth method approle/";
  // Without it no auditor is here to read this.
  return now ? differences(context, "approle/", subject, now, { type: "approle" }) : [];
}

/** The mount of ours into which a backup's own part is written. */
function forBackups(context: DriftContext, now: Mount | undefined): Finding[] {
  const { path, type, options, description } = backupMount;
  const subject = `mount ${path}`;
  if (now) return differences(context, path, subject, now, { type, version: options.version, description });
  return [
    drift({
      id: "vault.mount:openclaw",
      severity: "minor",
      subject,
      seen: `The mount ${path} is gone: no backup can be made`,
      declared: "there",
      found: "gone",
      mend: byPerson("npx openclaw-openrouter recover  (with shares), which makes it again"),
    }),
  ];
}

function differences(
  { deployed }: DriftContext,
  path: string,
  subject: string,
  now: Mount,
  declared: { type: string; version?: string; description?: string },
): Finding[] {
  const compared: [string, unknown, unknown][] = [
    ["type", declared.type, now.type],
    ["options.version", declared.version, now.options?.version],
    // How it is tuned is its owner's matter where it was there before.
    ...(deployed.existing ? [] : tuning(now, declared.description)),
  ];
  const plannedAs: Readonly<Record<string, string>> = {
    "config.default_lease_ttl": "default_lease_ttl_seconds",
    "config.max_lease_ttl": "max_lease_ttl_seconds",
  };
  return compared
    .filter(([, was, found]) => String(was) !== String(found))
    .map(([field, was, found]) =>
      drift({
        id: `vault.mount:${path.replace(/\/$/, "")}:${field}`,
        // Of such keys the audit log keeps the value.
        severity: field.includes("audit_non_hmac") ? "critical" : "minor",
        subject,
        seen: `${field} of ${path} is another one than was deployed`,
        field,
        declared: String(was),
        found: Array.isArray(found) ? found.join(", ") : String(found),
        ...(path === "secret/"
          ? {}
          : {
              mend: byPerson(
                `vault ${path === "approle/" ? "auth" : "secrets"} tune -… ${path}  (with an operator's token)`,
              ),
            }),
        explains: [`plan.vault_mount.*:${plannedAs[field] ?? field.replace(/^config\./, "")}*`],
      }),
    );
}

function tuning(now: Mount, description = now.description): [string, unknown, unknown][] {
  return [
    ["description", description, now.description],
    ...Object.entries(now.config).map(([name, value]): [string, unknown, unknown] => [
      `config.${name}`,
      untuned[name] ?? "none",
      value ?? "none",
    ]),
  ];
}

function others(
  context: DriftContext,
  sort: string,
  mounts: Readonly<Record<string, Mount>>,
  ...ours: readonly string[]
): Finding[] {
  return Object.entries(mounts)
    .filter(([path, { type }]) => !ours.includes(path) && !builtIn.has(type))
    .flatMap(([path, { type }]) => context.notOurs(`${sort} ${path} (${type})`));
}
