/** A rule of a Vault policy: a path, what may be done there, and which parameters may be given. */
interface Rule {
  readonly path: string;
  readonly capabilities: readonly string[];
  /** Parameter → allowed values; an empty list allows any. */
  readonly allowed?: Readonly<Record<string, readonly unknown[]>>;
  readonly denied?: readonly string[];
}

function render(rules: readonly Rule[]): string {
  return `${rules.map(renderRule).join("\n")}\n`;
}

function renderRule(rule: Rule): string {
  const lines = [
    `path ${JSON.stringify(rule.path)} {`,
    `  capabilities = ${JSON.stringify(rule.capabilities)}`,
  ];
  const map = (name: string, values: Readonly<Record<string, readonly unknown[]>>) => {
    const entries = Object.entries(values).map(
      ([key, value]) => `${JSON.stringify(key)} = ${JSON.stringify(value)}`,
    );
    lines.push(`  ${name} = { ${entries.join(", ")} }`);
  };
  if (rule.allowed) map("allowed_parameters", rule.allowed);
  if (rule.denied) map("denied_parameters", Object.fromEntries(rule.denied.map((name) => [name, []])));
  return [...lines, "}"].join("\n");
}

/** Reads the one secret, and nothing else: not even itself. */
export const readerPolicy = render([{ path: "secret/data/openrouter", capabilities: ["read"] }]);

/** Name of the policy of a person's token. */
export const operatorPolicyName = "openclaw-operator";

/** Keeps the secrets under `secret/`, all of them, and can do nothing to policies, identities or mounts. */
export const operatorPolicy = render([
  { path: "secret/data/*", capabilities: ["create", "read", "update", "patch", "delete"] },
  { path: "secret/metadata/*", capabilities: ["create", "read", "update", "patch", "delete", "list"] },
  { path: "secret/delete/*", capabilities: ["update"] },
  { path: "secret/undelete/*", capabilities: ["update"] },
  { path: "secret/destroy/*", capabilities: ["update"] },
  { path: "secret/subkeys/*", capabilities: ["read"] },
  { path: "auth/token/lookup-self", capabilities: ["read"] },
  { path: "auth/token/revoke-self", capabilities: ["update"] },
  // By these Vault's web interface knows what to show.
  { path: "sys/internal/ui/resultant-acl", capabilities: ["read"] },
  { path: "sys/capabilities-self", capabilities: ["update"] },
]);

/** Reads what a check and a drift report need, and changes nothing. */
export const auditorPolicy = render([
  { path: "auth/token/lookup-self", capabilities: ["read"] },
  { path: "secret/data/openrouter", capabilities: ["read"] },
  { path: "secret/metadata/openrouter", capabilities: ["read"] },
  // The names of what else is there, and none of it.
  { path: "secret/metadata/", capabilities: ["list"] },
  { path: "secret/config", capabilities: ["read"] },
  { path: "sys/mounts", capabilities: ["read"] },
  { path: "sys/mounts/*", capabilities: ["read"] },
  { path: "sys/auth", capabilities: ["read"] },
  { path: "sys/auth/*", capabilities: ["read"] },
  { path: "sys/audit", capabilities: ["read", "sudo"] },
  { path: "sys/policies/acl", capabilities: ["list"] },
  { path: "sys/policies/acl/openclaw-deployer", capabilities: ["read"] },
  { path: "sys/policies/acl/openclaw-reader", capabilities: ["read"] },
  { path: "sys/policies/acl/openclaw-auditor", capabilities: ["read"] },
  { path: `sys/policies/acl/${operatorPolicyName}`, capabilities: ["read"] },
  { path: "auth/approle/role/openclaw-deployer", capabilities: ["read"] },
  { path: "auth/approle/role/openclaw-reader", capabilities: ["read"] },
  { path: "auth/approle/role/openclaw-reader/role-id", capabilities: ["read"] },
  { path: "auth/approle/role/openclaw-auditor", capabilities: ["read"] },
  { path: "auth/approle/role/openclaw-auditor/role-id", capabilities: ["read"] },
  // By which it is known how many there are; nobody can log in by one.
  { path: "auth/approle/role/openclaw-deployer/secret-id", capabilities: ["list"] },
  { path: "auth/approle/role/openclaw-reader/secret-id", capabilities: ["list"] },
  { path: "auth/approle/role/openclaw-auditor/secret-id", capabilities: ["list"] },
  { path: "auth/token/accessors", capabilities: ["list", "sudo"] },
  { path: "auth/token/lookup-accessor", capabilities: ["update"] },
]);

/**
 * Runs Terraform. It writes the policies and roles of reader and auditor, but only with the very text that is declared:
 * otherwise it could write `path "*"` into one of them and so raise itself.
 */
export function deployerPolicy(): string {
  return render([
    { path: "auth/token/lookup-self", capabilities: ["read"] },
    { path: "sys/mounts/secret", capabilities: ["create", "read", "update"] },
    { path: "sys/mounts/secret/tune", capabilities: ["read", "update"] },
    { path: "sys/audit", capabilities: ["read", "sudo"] },
    { path: "sys/audit/file", capabilities: ["create", "update", "sudo"] },
    ...pinned("openclaw-reader", readerPolicy),
    ...pinned("openclaw-auditor", auditorPolicy),
    { path: "secret/data/openrouter", capabilities: ["create", "read", "update"] },
    // The provider writes back the metadata that it read whenever it writes a new version.
    { path: "secret/metadata/openrouter", capabilities: ["read", "update"] },
    { path: "sys/storage/raft/snapshot", capabilities: ["read"] },
    // What a backup needs besides Vault's data: written here, and read by a root token alone.
    { path: "openclaw/backup/*", capabilities: ["create", "update", "delete", "list"] },
  ]);
}

/**
 * Runs Terraform in a Vault that was there before: neither mounts nor audit devices are its business. It can remove what is
 * ours, itself last, so that no admin is needed for that.
 */
export function existingVaultDeployerPolicy(): string {
  return render([
    { path: "auth/token/lookup-self", capabilities: ["read"] },
    ...pinned("openclaw-reader", readerPolicy, ["delete"]),
    ...pinned("openclaw-auditor", auditorPolicy, ["delete"]),
    { path: "sys/policies/acl/openclaw-deployer", capabilities: ["delete"] },
    { path: "auth/approle/role/openclaw-deployer", capabilities: ["delete"] },
    // By `patch` one field of the secret is written and the others stay.
    { path: "secret/data/openrouter", capabilities: ["create", "read", "update", "patch"] },
    { path: "secret/metadata/openrouter", capabilities: ["read"] },
  ]);
}

function pinned(name: string, policy: string, more: readonly string[] = []): Rule[] {
  return [
    {
      path: `sys/policies/acl/${name}`,
      capabilities: ["create", "read", "update", ...more],
      allowed: { policy: [policy] },
    },
    {
      path: `auth/approle/role/${name}`,
      capabilities: ["create", "read", "update", ...more],
      allowed: { token_policies: [[name]], "*": [] },
      // The old name of token_policies, which would go around the rule above.
      denied: ["policies"],
    },
    { path: `auth/approle/role/${name}/role-id`, capabilities: ["read"] },
  ];
}
