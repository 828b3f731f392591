/** A rule of a Vault policy: a path, and what may be done there. */
interface Rule {
  readonly path: string;
  readonly capabilities: readonly string[];
}

function render(rules: readonly Rule[]): string {
  return `${rules.map(renderRule).join("\n")}\n`;
}

function renderRule({ path, capabilities }: Rule): string {
  return [`path ${JSON.stringify(path)} {`, `  capabilities = ${JSON.stringify(capabilities)}`, "}"].join(
    "\n",
  );
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

/** The policies and roles of all three, each under its role's name. Who may read a role may see its role id, which is no secret. */
const ownNames = ["openclaw-deployer", "openclaw-reader", "openclaw-auditor"] as const;

/** Lets Terraform compare what bootstrap wrote of the identities with what is declared. */
const readsIdentities: readonly Rule[] = ownNames.flatMap((name) => [
  { path: `sys/policies/acl/${name}`, capabilities: ["read"] },
  { path: `auth/approle/role/${name}`, capabilities: ["read"] },
  { path: `auth/approle/role/${name}/role-id`, capabilities: ["read"] },
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
  { path: "sys/config/auditing/request-headers", capabilities: ["read", "sudo"] },
  { path: "sys/config/cors", capabilities: ["read", "sudo"] },
  { path: "sys/policies/acl", capabilities: ["list"] },
  { path: `sys/policies/acl/${operatorPolicyName}`, capabilities: ["read"] },
  ...readsIdentities,
  // By which it is known how many there are; nobody can log in by one.
  ...ownNames.map((name) => ({ path: `auth/approle/role/${name}/secret-id`, capabilities: ["list"] })),
  { path: "auth/token/accessors", capabilities: ["list", "sudo"] },
  { path: "auth/token/lookup-accessor", capabilities: ["update"] },
]);

/**
 * Runs Terraform. What could raise it, or blind the audit log, bootstrap wrote, and it only reads that: no policy can pin all
 * that may be said in such a call.
 */
export function deployerPolicy(): string {
  return render([
    { path: "auth/token/lookup-self", capabilities: ["read"] },
    { path: "sys/audit", capabilities: ["read", "sudo"] },
    { path: "sys/mounts/secret", capabilities: ["read"] },
    ...readsIdentities,
    { path: "secret/data/openrouter", capabilities: ["create", "read", "update"] },
    // The provider writes back the metadata that it read whenever it writes a new version.
    { path: "secret/metadata/openrouter", capabilities: ["read", "update"] },
    { path: "sys/storage/raft/snapshot", capabilities: ["read"] },
    // What a backup needs besides Vault's data: written here, and read by a root token alone.
    { path: "openclaw/backup/*", capabilities: ["create", "update", "delete", "list"] },
  ]);
}

/**
 * Runs Terraform in an external Vault: neither mounts nor audit devices are its business. It can remove what is
 * ours, itself last, so that no admin is needed for that.
 */
export function externalVaultDeployerPolicy(): string {
  return render([
    { path: "auth/token/lookup-self", capabilities: ["read"] },
    ...readsIdentities.map(({ path, capabilities }) => ({
      path,
      capabilities: path.endsWith("/role-id") ? capabilities : [...capabilities, "delete"],
    })),
    // By `patch` one field of the secret is written and the others stay.
    { path: "secret/data/openrouter", capabilities: ["create", "read", "update", "patch"] },
    { path: "secret/metadata/openrouter", capabilities: ["read"] },
  ]);
}
