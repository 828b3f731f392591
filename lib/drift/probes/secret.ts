import { sandboxInstance } from "../../config/sandbox";
import { readKeyRecord } from "../../store/key-record";
import type { DriftContext } from "../context";
import { byFix, byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";
import { type SecretMetadata, type StoredSecret, unreportedVersions } from "../stored-secret";

const subject = "secret/openrouter";
const planned = ["plan.vault_kv_secret_v2.*"];
/** The sandbox's key is known; another one has to be given. */
const giveKey = ({ deployed }: DriftContext) =>
  deployed.instance === sandboxInstance ? byFix : byPerson("openclaw-openrouter up --key-file FILE");

export const secret: Probe = {
  id: "secret",
  async inspect(context) {
    const stored = await context.secret();
    if (!stored.metadata) {
      return [
        drift({
          id: "secret.gone",
          severity: "critical",
          subject,
          summary: "The secret is gone, with all its versions",
          expected: "there",
          actual: "gone",
          fix: giveKey(context),
          explains: ["key.*", ...planned],
        }),
      ];
    }
    // The owner of an external Vault decides about other fields and the secret's metadata.
    const { external } = context.deployed;
    return [...present(context, stored, stored.metadata), ...(external ? [] : settings(stored.metadata))];
  },
};

/** Compares the current version of the secret. */
function present(context: DriftContext, stored: StoredSecret, metadata: SecretMetadata): Finding[] {
  const { home, record, deployed } = context;
  const { current_version: number, versions } = metadata;
  const version = versions[number];
  const expected = record?.secret ? `version ${record.secret.version}` : "there";
  const lost = (id: string, what: string, since: string | undefined) =>
    drift({
      id: `secret.${id}`,
      severity: "critical",
      subject,
      summary: `The current version of the key was ${what}: OpenClaw has no key`,
      field: "data.api_key",
      expected,
      actual: `version ${number}, ${what}`,
      ...(since ? { since } : {}),
      fix: giveKey(context),
      explains: ["key.*", "secret.*", ...planned],
    });
  if (version?.destroyed) return [lost("destroyed", "destroyed", metadata.updated_time)];
  if (version?.deletion_time && Date.parse(version.deletion_time) <= Date.now())
    return [lost("deleted", "deleted", version.deletion_time)];
  if (stored.key === undefined)
    return [lost("no-key", "written without the field api_key", version?.created_time)];

  const findings: Finding[] = [];
  const { fingerprint } = readKeyRecord(home);
  const since = version ? { since: version.created_time } : {};
  if (fingerprint && stored.fingerprint !== fingerprint) {
    findings.push(
      drift({
        id: "secret.value",
        severity: "critical",
        subject,
        summary: "The stored key is not the deployed one",
        field: "data.api_key",
        expected: `${expected}, fingerprint ${fingerprint}`,
        actual: `version ${number}, changed`,
        ...since,
        explains: ["secret.version", "key.*", ...planned],
      }),
    );
  }
  const extra = stored.fields.filter((name) => name !== "api_key");
  if (extra.length > 0 && !deployed.external) {
    findings.push(
      drift({
        id: "secret.fields",
        severity: "minor",
        subject,
        summary: "The secret has other fields besides the key, which OpenClaw's reader can read",
        field: "data",
        expected: "api_key",
        actual: stored.fields.join(", "),
        ...since,
        explains: ["secret.version", ...planned],
      }),
    );
  }
  // In an external Vault, a new version can be a change of another field.
  if (record?.secret && number !== record.secret.version && !deployed.external) {
    findings.push(
      drift({
        id: "secret.version",
        severity: "minor",
        subject,
        summary: "The same key was written again, outside of a deploy",
        field: "metadata.version",
        expected: String(record.secret.version),
        actual: String(number),
        ...since,
        explains: planned,
      }),
    );
  }
  return findings;
}

/** Compares the secret's metadata. */
function settings(metadata: SecretMetadata): Finding[] {
  const custom = Object.keys(metadata.custom_metadata ?? {});
  const names = ["delete_version_after", "max_versions", "cas_required"] as const;
  const compared: [string, string, string][] = [
    ...names.map((name): [string, string, string] => [
      name,
      String(unreportedVersions[name]),
      String(metadata[name]),
    ]),
    ["custom_metadata", "none", custom.sort().join(", ") || "none"],
  ];
  return compared
    .filter(([, expected, actual]) => expected !== actual)
    .map(([field, expected, actual]) =>
      drift({
        id: `secret.metadata:${field}`,
        severity: field === "delete_version_after" ? "major" : "minor",
        subject,
        summary:
          field === "delete_version_after"
            ? "Vault will delete the key after a time"
            : `${field} of the secret was changed`,
        field,
        expected,
        actual,
        since: metadata.updated_time,
        explains: [`plan.vault_kv_secret_v2.*:custom_metadata*`],
      }),
    );
}
