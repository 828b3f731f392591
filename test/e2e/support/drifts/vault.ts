import type { ScriptedDrift } from "./scripted-drift";

/** What is stored in Vault, and how Vault is set up. */
export const vaultDrifts: readonly ScriptedDrift[] = [
  { name: "vault operator seal", line: "as_root operator seal", cause: "vault.sealed" },
  {
    name: "kv put, the deployed key chosen",
    line: "as_root kv put secret/openrouter api_key=$OTHER_KEY",
    cause: "secret.value",
    fix: ["--key", "deployed"],
    sample: true,
  },
  {
    name: "kv put, the stored key chosen",
    line: "as_root kv put secret/openrouter api_key=$OTHER_KEY",
    cause: "secret.value",
    fix: ["--key", "stored"],
    undo: "OPENROUTER_API_KEY=$KEY oo up --replace-key",
  },
  {
    name: "kv put of the same key",
    line: "as_root kv put secret/openrouter api_key=$KEY",
    cause: "secret.version",
  },
  {
    name: "kv put with an end",
    line: `
      as_root write secret/config delete_version_after=48h
      as_root kv put secret/openrouter api_key=$KEY
      as_root write secret/config delete_version_after=0s`,
    cause: "secret.expires",
  },
  { name: "kv patch", line: "as_root kv patch secret/openrouter note=x", cause: "secret.fields" },
  {
    name: "kv delete",
    line: "as_root kv delete secret/openrouter",
    cause: "secret.deleted",
    withKey: true,
  },
  {
    name: "kv destroy",
    line: "as_root kv destroy -versions=$VERSION secret/openrouter",
    cause: "secret.destroyed",
    withKey: true,
  },
  {
    name: "kv metadata delete",
    line: "as_root kv metadata delete secret/openrouter",
    cause: "secret.gone",
    withKey: true,
  },
  {
    name: "kv metadata put",
    line: "as_root kv metadata put -delete-version-after=48h -max-versions=3 secret/openrouter",
    cause: "secret.metadata:*",
  },
  {
    name: "the reader's policy edited",
    line: `echo 'path "secret/*" { capabilities = ["read"] }' | as_root policy write openclaw-reader -`,
    cause: "vault.policy:openclaw-reader",
  },
  {
    name: "the reader's policy deleted",
    line: "as_root policy delete openclaw-reader",
    cause: "vault.policy:openclaw-reader",
  },
  {
    name: "the auditor's policy edited",
    line: `echo 'path "sys/mounts" { capabilities = ["read"] }' | as_root policy write openclaw-auditor -`,
    cause: "vault.policy:openclaw-auditor",
  },
  {
    name: "the deployer's policy edited",
    line: `echo 'path "*" { capabilities = ["sudo", "update"] }' | as_root policy write openclaw-deployer -`,
    cause: "vault.policy:openclaw-deployer",
  },
  {
    name: "the operators' policy edited",
    line: `echo 'path "*" { capabilities = ["sudo", "update"] }' | as_root policy write openclaw-operator -`,
    cause: "vault.policy:openclaw-operator",
  },
  { name: "audit off", line: "as_root audit disable file", cause: "vault.audit" },
  {
    name: "audit with values in the clear",
    line: "as_root audit disable file && as_root audit enable file file_path=stdout log_raw=true",
    cause: "vault.audit:options",
  },
  {
    name: "a second audit device with values in the clear",
    line: "as_root audit enable -path=second file file_path=/vault/logs/second.log log_raw=true",
    cause: "vault.audit.raw:second",
    fix: null,
    undo: "as_root audit disable second",
  },
  {
    name: "the reader's role: TTL",
    line: "as_root write auth/approle/role/openclaw-reader token_ttl=24h",
    cause: "vault.role:openclaw-reader:token_ttl",
  },
  {
    name: "the reader's role: policies",
    line: "as_root write auth/approle/role/openclaw-reader token_policies=openclaw-reader,openclaw-deployer",
    cause: "vault.role:openclaw-reader:token_policies",
  },
  {
    name: "the deployer's role: TTL",
    line: "as_root write auth/approle/role/openclaw-deployer token_ttl=24h",
    cause: "vault.role:openclaw-deployer:token_ttl",
  },
  {
    name: "the auditor's role: no secret id",
    line: "as_root write auth/approle/role/openclaw-auditor bind_secret_id=false token_bound_cidrs=0.0.0.0/0",
    cause: "vault.role:openclaw-auditor:*",
  },
  {
    name: "the auditor's role: a period",
    line: "as_root write auth/approle/role/openclaw-auditor token_type=service token_period=768h",
    cause: "vault.role:openclaw-auditor:*",
  },
  {
    name: "the reader's role deleted",
    line: "as_root delete auth/approle/role/openclaw-reader",
    cause: "vault.role:openclaw-reader",
  },
  {
    name: "the reader's secret ids destroyed",
    line: "as_root write auth/approle/role/openclaw-reader/secret-id-accessor/destroy secret_id_accessor=$(as_root list -format=json auth/approle/role/openclaw-reader/secret-id | tr -d '[]\" \\n')",
    cause: "credentials.reader",
  },
  {
    name: "the auth method disabled",
    line: "as_root auth disable approle",
    cause: "vault.mount:approle",
  },
  {
    name: "a second secret id for the reader",
    line: "as_root write -f auth/approle/role/openclaw-reader/secret-id",
    cause: "vault.secret-ids:openclaw-reader",
  },
  {
    name: "versions of the whole mount",
    line: "as_root write secret/config max_versions=1 cas_required=true delete_version_after=24h",
    cause: "vault.kv:*",
  },
  {
    name: "the auth method re-created",
    line: "as_root auth disable approle && as_root auth enable approle",
    cause: "credentials.all",
  },
  {
    name: "the mount moved",
    line: "as_root secrets move secret/ other/",
    cause: "vault.mount:secret",
    fix: null,
    undo: "as_root secrets move other/ secret/",
  },
  {
    name: "the mount for backups disabled",
    line: "as_root secrets disable openclaw",
    cause: "vault.mount:openclaw",
  },
  {
    name: "a root token made",
    line: "as_root token create -policy=root -orphan",
    cause: "vault.root-token:*",
  },
  {
    name: "the mount tuned to log the key",
    line: "as_root secrets tune -audit-non-hmac-response-keys=api_key secret/",
    cause: "vault.mount:secret:config.audit_non_hmac_response_keys",
  },
  {
    name: "the auth method tuned",
    line: "as_root auth tune -max-lease-ttl=1h approle/",
    cause: "vault.mount:approle:config.max_lease_ttl",
  },
  {
    name: "the mount's options, and its description",
    line: "as_root secrets tune -options=note=x -description=x secret/",
    cause: "vault.mount:secret:*",
  },
  {
    name: "the token's header in the audit log",
    line: "as_root write sys/config/auditing/request-headers/x-vault-token hmac=false",
    cause: "vault.audited-header:x-vault-token",
  },
  {
    name: "the API opened to web pages",
    line: "as_root write sys/config/cors allowed_origins=* enabled=true",
    cause: "vault.cors",
  },
  {
    name: "another security policy of Vault's web pages",
    line: `as_root write sys/config/ui/headers/Content-Security-Policy values="default-src *"`,
    cause: "vault.web-header:*",
  },
  {
    name: "the auth method moved",
    line: "as_root auth move auth/approle/ auth/other/",
    cause: "vault.mount:approle",
    fix: null,
    undo: "as_root auth move auth/other/ auth/approle/",
  },
  // What the deployer may not change back.
  {
    name: "the audit device made local",
    line: "as_root audit disable file && as_root audit enable -local file file_path=stdout",
    cause: "vault.audit:options",
  },
  {
    name: "the auth method's token type",
    line: "as_root auth tune -token-type=service approle/",
    cause: "vault.mount:approle:config.token_type",
  },
  {
    name: "the auth method's token type, batch only",
    line: "as_root auth tune -token-type=batch approle/",
    cause: "vault.mount:approle:config.token_type",
  },
  {
    name: "tokens that last ten years",
    line: "as_root auth tune -max-lease-ttl=87600h token/",
    cause: "vault.mount:token:config.max_lease_ttl",
  },
  {
    name: "a quota of logins",
    line: "as_root write sys/quotas/rate-limit/slow rate=1000 path=auth/approle/",
    cause: "vault.quota:slow",
    fix: null,
    undo: "as_root delete sys/quotas/rate-limit/slow",
  },
  {
    name: "a root generation begun",
    line: "docker exec $C vault operator generate-root -init",
    cause: "vault.root-generation",
    fix: null,
    undo: "docker exec $C vault operator generate-root -cancel",
  },
  {
    name: "a rekey begun",
    line: "docker exec $C vault operator rekey -init -key-shares=1 -key-threshold=1",
    cause: "vault.rekey",
    fix: null,
    undo: "docker restart $C && oo vault unseal",
  },
  {
    name: "tokens in the clear in the audit log",
    line: "as_root auth tune -audit-non-hmac-response-keys=client_token token/",
    cause: "vault.mount.clear:token",
    fix: null,
    undo: "as_root auth tune -audit-non-hmac-response-keys= token/",
  },
];
