import { auditorPolicy, deployerPolicy, existingVaultDeployerPolicy, readerPolicy } from "./policies";

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
 * The reader's last a minute: OpenClaw and the guide's command log in anew at each read.
 */
export const identities: Record<IdentityName, Identity> = {
  deployer: { role: "openclaw-deployer", policy: deployerPolicy(), tokenTtl: 30 * 60 },
  reader: { role: "openclaw-reader", policy: readerPolicy, tokenTtl: 60 },
  auditor: { role: "openclaw-auditor", policy: auditorPolicy, tokenTtl: 15 * 60 },
};

/** The same in a Vault that was there before: its deployer may do less. */
export const existingVaultIdentities: Record<IdentityName, Identity> = {
  ...identities,
  deployer: { ...identities.deployer, policy: existingVaultDeployerPolicy() },
};

/** Those of an instance, by the kind of Vault that it uses. */
export function identitiesOf({ existing }: { readonly existing?: object }): Record<IdentityName, Identity> {
  return existing ? existingVaultIdentities : identities;
}

/**
 * The body by which bootstrap writes an identity's role: every parameter, since Vault leaves one as it is that is not named.
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
