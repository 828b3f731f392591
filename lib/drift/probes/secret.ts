import { sandboxInstance } from "../../config/sandbox";
import { compareFields } from "../../core/compare-fields";
import { guideNames, namesAt } from "../../model/vault/vault-names";
import { readKeyRecord } from "../../store/records/key-record";
import type { DriftContext } from "../context";
import { listed } from "../field-texts";
import { byFix, byPerson, drift, gone } from "../finding";
import { type Findings, probe } from "../probe";
import { lostVersion, type SecretMetadata, type StoredSecret, unreportedVersions } from "../stored-secret";

const planned = ["plan.vault_kv_secret_v2.*"];
/** The sandbox's key is known; another one has to be given. */
const giveKey = ({ deployed }: DriftContext) =>
  deployed.instance === sandboxInstance ? byFix : byPerson("openclaw-openrouter up --key-file FILE");

export const secret = probe("secret", async (context) => {
  const stored = await context.secret();
  const { metadata } = stored;
  if (!metadata)
    return gone("secret.gone", "critical", namesAt(context.deployed).keyPath, {
      summary: "The secret is gone, with all its versions",
      fix: giveKey(context),
      explains: ["key.*", ...planned],
    });
  // The owner of an external Vault decides about other fields and the secret's metadata.
  return [present(context, stored, metadata), !context.deployed.external && settings(metadata)];
});

/** Compares the current version of the secret. */
function present(context: DriftContext, stored: StoredSecret, metadata: SecretMetadata): Findings {
  const { home, record, deployed } = context;
  const { keyPath } = namesAt(deployed);
  const { current_version: number, versions } = metadata;
  const version = versions[number];
  const expected = record?.secret ? `version ${record.secret.version}` : "there";
  const lost = (id: string, what: string, since: string | undefined) =>
    drift(`secret.${id}`, "critical", keyPath, {
      summary: `The current version of the key was ${what}: OpenClaw has no key`,
      compared: [expected, `version ${number}, ${what}`, "data.api_key"],
      since,
      fix: giveKey(context),
      explains: ["key.*", "secret.*", ...planned],
    });
  const end = lostVersion(metadata);
  if (end) return lost(end.how, end.how, end.since);
  if (stored.key === undefined)
    return lost("no-key", "written without the field api_key", version?.created_time);

  const { fingerprint } = readKeyRecord(home);
  const since = version?.created_time;
  return [
    fingerprint !== undefined &&
      stored.fingerprint !== fingerprint &&
      drift("secret.value", "critical", keyPath, {
        since,
        summary: "The stored key is not the deployed one",
        compared: [`${expected}, fingerprint ${fingerprint}`, `version ${number}, changed`, "data.api_key"],
        explains: ["secret.version", "key.*", ...planned],
      }),
    // Vault keeps the time with which it wrote a version, whatever the metadata say later.
    version !== undefined &&
      version.deletion_time !== "" &&
      !deployed.external &&
      drift("secret.expires", "major", keyPath, {
        since,
        summary: "Vault will delete the current version of the key, which was written with an end",
        compared: ["none", version.deletion_time, "metadata.deletion_time"],
        explains: ["secret.version", ...planned],
      }),
    stored.fields.some((name) => name !== "api_key") &&
      !deployed.external &&
      drift("secret.fields", "minor", keyPath, {
        since,
        summary: "The secret has other fields besides the key, which OpenClaw's reader can read",
        compared: ["api_key", stored.fields.join(", "), "data"],
        explains: ["secret.version", ...planned],
      }),
    // In an external Vault, a new version can be a change of another field.
    record?.secret !== undefined &&
      number !== record.secret.version &&
      !deployed.external &&
      drift("secret.version", "minor", keyPath, {
        since,
        summary: "The same key was written again, outside of a deploy",
        compared: [String(record.secret.version), String(number), "metadata.version"],
        explains: planned,
      }),
  ];
}

/** Compares the metadata of the secret in an instance's own Vault. */
function settings(metadata: SecretMetadata): Findings {
  const { delete_version_after, max_versions, cas_required } = metadata;
  const actual: Record<string, unknown> = { delete_version_after, max_versions, cas_required };
  return compareFields([
    ...Object.entries(unreportedVersions).map(([name, value]) => [name, value, actual[name]] as const),
    ["custom_metadata", "none", listed(Object.keys(metadata.custom_metadata ?? {}))],
  ]).map((difference) => {
    const isExpiry = difference.field === "delete_version_after";
    return drift(`secret.metadata:${difference.field}`, isExpiry ? "major" : "minor", guideNames.keyPath, {
      ...difference,
      summary: isExpiry
        ? "Vault will delete the key after a time"
        : `${difference.field} of the secret was changed`,
      since: metadata.updated_time,
      explains: ["plan.vault_kv_secret_v2.*:custom_metadata*", ...(isExpiry ? ["secret.expires"] : [])],
    });
  });
}
