import { auditorPolicy, deployerPolicy, externalVaultDeployerPolicy, readerPolicy } from "./policies";

/** The machine identities in Vault. Each logs in by AppRole, with a role and a policy of its own name. */
export const identityNames = ["deployer", "reader", "auditor"] as const;
export type IdentityName = (typeof identityNames)[number];

/** An AppRole role, as Vault's API and Terraform's provider both take it. Durations in seconds. */
export interface Identity {
  /** Name of role and policy in Vault. */
  readonly role: string;
  readonly policy: string;
  readonly tokenTtl: number;
}

/**
 * Tokens are batch tokens: they need no storage, cannot outlive their time, and none is left behind by a run.
 * The reader's last a minute: OpenClaw and the setup guide's command log in again at each read.
 */
export const identities: Record<IdentityName, Identity> = {
  deployer: { role: "openclaw-deployer", policy: deployerPolicy(), tokenTtl: 30 * 60 },
  reader: { role: "openclaw-reader", policy: readerPolicy, tokenTtl: 60 },
  auditor: { role: "openclaw-auditor", policy: auditorPolicy, tokenTtl: 15 * 60 },
};

/** The same in an external Vault: its deployer may do less. */
export const externalVaultIdentities: Record<IdentityName, Identity> = {
  ...identities,
  deployer: { ...identities.deployer, policy: externalVaultDeployerPolicy() },
};

/** Those of an instance, by the kind of Vault that it uses. */
export function identitiesOf({ external }: { readonly external?: object }): Record<IdentityName, Identity> {
  return external ? externalVaultIdentities : identities;
}

/**
 * The body by which bootstrap writes an identity's role: every parameter, since Vault leaves one unchanged that is not named.
 * Secret ids do not expire: hosts live longer than quarters.
 */
export function roleParameters(identity: Identity): Record<string, unknown> {
  return {
    token_policies: [identity.role],
    token_type: "batch",
    token_ttl: identity.tokenTtl,
    token_no_default_policy: true,
    secret_id_ttl: 0,
    secret_id_num_uses: 0,
    bind_secret_id: true,
    secret_id_bound_cidrs: [],
    token_bound_cidrs: [],
    token_explicit_max_ttl: 0,
    token_max_ttl: 0,
    token_num_uses: 0,
    token_period: 0,
  };
}
