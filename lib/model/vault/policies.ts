import { guideNames, secretApiPath, type VaultNames } from "./vault-names";

/** A rule of a Vault policy: a path and its capabilities. */
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

/** The reader can read the one secret and nothing else, not even its own token. @param keyPath its path */
export function readerPolicy(keyPath: string): string {
  return render([{ path: secretApiPath("data", keyPath), capabilities: ["read"] }]);
}

/** Where the instance's own Vault shows joined hosts the CA certificates that verify it. */
export const caForHosts = "openclaw/ca";

/** A joined host reads its own secret, and in an instance's own Vault which CA certificates to pin. @param keyPath its secret's path */
export function hostPolicy(keyPath: string, isOwn: boolean): string {
  return readerPolicy(keyPath) + (isOwn ? render([{ path: caForHosts, capabilities: ["read"] }]) : "");
}

/** The name of the policy of a person's token. */
export const operatorPolicyName = "openclaw-operator";

/** The operator manages all secrets under `secret/`, but no policies, identities or mounts. */
export const operatorPolicy = render([
  { path: "secret/data/*", capabilities: ["create", "read", "update", "patch", "delete"] },
  { path: "secret/metadata/*", capabilities: ["create", "read", "update", "patch", "delete", "list"] },
  { path: "secret/delete/*", capabilities: ["update"] },
  { path: "secret/undelete/*", capabilities: ["update"] },
  { path: "secret/destroy/*", capabilities: ["update"] },
  { path: "secret/subkeys/*", capabilities: ["read"] },
  { path: "auth/token/lookup-self", capabilities: ["read"] },
  { path: "auth/token/revoke-self", capabilities: ["update"] },
  // Vault's web interface needs these to know what to show.
  { path: "sys/internal/ui/resultant-acl", capabilities: ["read"] },
  { path: "sys/capabilities-self", capabilities: ["update"] },
]);

/**
 * The names of the policies and roles of all three identities. Whoever reads a role also sees its role id, which is not a
 * secret.
 */
function ownNames({ prefix }: VaultNames): readonly string[] {
  return ["deployer", "reader", "auditor"].map((name) => `${prefix}-${name}`);
}

/** Rules with which Terraform compares the identities that bootstrap wrote with the declared ones. */
function readsIdentities(names: VaultNames): readonly Rule[] {
  return ownNames(names).flatMap((name) => [
    { path: `sys/policies/acl/${name}`, capabilities: ["read"] },
    { path: `auth/approle/role/${name}`, capabilities: ["read"] },
    { path: `auth/approle/role/${name}/role-id`, capabilities: ["read"] },
  ]);
}

/** What the auditor reads in any Vault: the input of checks and drift reports. It changes nothing. */
const readsManaged = (names: VaultNames): readonly Rule[] => [
  { path: "auth/token/lookup-self", capabilities: ["read"] },
  { path: secretApiPath("data", names.keyPath), capabilities: ["read"] },
  { path: secretApiPath("metadata", names.keyPath), capabilities: ["read"] },
  // The names of other secrets, but not their content.
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
  ...readsIdentities(names),
  // The accessors, which show the number of secret ids; nobody can log in with one.
  ...ownNames(names).map((name) => ({ path: `auth/approle/role/${name}/secret-id`, capabilities: ["list"] })),
  { path: "auth/token/accessors", capabilities: ["list", "sudo"] },
  { path: "auth/token/lookup-accessor", capabilities: ["update"] },
];

/** The paths of auth methods with one and with two parts. */
const methods = ["auth/+", "auth/+/+"];

/**
 * What else the auditor reads in the instance's own Vault: everything that gives somebody access. Vault shows no password and
 * no secret id at these paths.
 */
const readsAccess: readonly Rule[] = [
  // The accessors of joined hosts' secret ids.
  { path: "auth/approle/role/+/secret-id", capabilities: ["list"] },
  { path: "sys/policies/acl/*", capabilities: ["read"] },
  ...["entity", "group"].flatMap((kind) => [
    { path: `identity/${kind}/id`, capabilities: ["list"] },
    { path: `identity/${kind}/id/+`, capabilities: ["read"] },
  ]),
  ...methods.flatMap((method) => [
    ...["role", "roles", "users", "groups", "certs", "map/+"].map((folder) => ({
      path: `${method}/${folder}`,
      capabilities: ["list"],
    })),
    ...["role/+", "roles/+", "users/*", "groups/*", "certs/+", "map/+/+", "config", "config/ldap"].map(
      (object) => ({ path: `${method}/${object}`, capabilities: ["read"] }),
    ),
  ]),
];

/** Whether joined hosts' keys stay: their metadata, not the keys. The owner of an external Vault decides about them. */
const readsHosts: readonly Rule[] = [
  { path: `${secretApiPath("metadata", guideNames.keyPath)}/+`, capabilities: ["read"] },
];

/** What Vault was started with, and which calls it limits, which the owner of an external one decides. */
const readsServer: readonly Rule[] = [
  { path: "sys/config/ui/headers", capabilities: ["list", "sudo"] },
  { path: "sys/storage/raft/configuration", capabilities: ["read"] },
  { path: "sys/config/state/sanitized", capabilities: ["read"] },
  { path: "sys/quotas/rate-limit", capabilities: ["list"] },
  { path: "sys/quotas/rate-limit/+", capabilities: ["read"] },
];

/** The auditor of the instance's own Vault. */
export const auditorPolicy = render([
  ...readsManaged(guideNames),
  ...readsHosts,
  ...readsAccess,
  ...readsServer,
]);

/** The auditor of an external Vault. Its owner decides whether it reads who else has access: docs/external-vault.md. */
export function externalVaultAuditorPolicy(names: VaultNames): string {
  return render(readsManaged(names));
}

/** What the owner of an external Vault can permit the auditor besides, for the report of who has access to the key. */
export const accessPolicy = render(readsAccess);

/**
 * The deployer runs Terraform. It only reads the objects that could raise its rights or disable the audit log, and bootstrap
 * writes them: no policy can restrict all parameters of such a call.
 */
export function deployerPolicy(): string {
  return render([
    { path: "auth/token/lookup-self", capabilities: ["read"] },
    { path: "sys/audit", capabilities: ["read", "sudo"] },
    { path: "sys/mounts/secret", capabilities: ["read"] },
    ...readsIdentities(guideNames),
    { path: "secret/data/openrouter", capabilities: ["create", "read", "update"] },
    // When it writes a new version, the provider also writes back the metadata that it read.
    { path: "secret/metadata/openrouter", capabilities: ["read", "update"] },
    { path: "sys/storage/raft/snapshot", capabilities: ["read"] },
    // The files that a backup needs besides Vault's data: written here, and read only with a root token.
    { path: "openclaw/backup/*", capabilities: ["create", "update", "delete", "list"] },
    { path: caForHosts, capabilities: ["create", "read", "update"] },
  ]);
}

/**
 * The deployer of an external Vault runs Terraform without access to mounts and audit devices. It can remove all managed
 * objects, itself last, so that removal needs no admin.
 */
export function externalVaultDeployerPolicy(names: VaultNames): string {
  return render([
    { path: "auth/token/lookup-self", capabilities: ["read"] },
    ...readsIdentities(names).map(({ path, capabilities }) => ({
      path,
      capabilities: path.endsWith("/role-id") ? capabilities : [...capabilities, "delete"],
    })),
    // With `patch`, one field of the secret is written and the others stay.
    {
      path: secretApiPath("data", names.keyPath),
      capabilities: ["create", "read", "update", "patch"],
    },
    { path: secretApiPath("metadata", names.keyPath), capabilities: ["read"] },
  ]);
}
