import {
  auditorPolicy,
  deployerPolicy,
  externalVaultAuditorPolicy,
  externalVaultDeployerPolicy,
  readerPolicy,
} from "./policies";
import { guideNames, type VaultNames } from "./vault-names";

/** The machine identities in Vault. Each logs in by AppRole, with its own role and policy. */
export const identityNames = ["deployer", "reader", "auditor"] as const;
export type IdentityName = (typeof identityNames)[number];

/** An AppRole role for Vault's API and for Terraform's provider. Durations are in seconds. */
export interface Identity {
  /** The name of its role and of its policy in Vault. */
  readonly role: string;
  readonly policy: string;
  readonly tokenTtl: number;
  /** The addresses from which Vault accepts it, in CIDR notation. @default any */
  readonly addresses?: readonly string[];
}

/**
 * The identities in an instance's own Vault. Their tokens are batch tokens, which need no storage and cannot be renewed. The
 * reader's tokens last a minute: OpenClaw and the setup guide's command log in again for each read.
 */
export const identities: Record<IdentityName, Identity> = {
  deployer: { role: "openclaw-deployer", policy: deployerPolicy(), tokenTtl: 30 * 60 },
  reader: { role: "openclaw-reader", policy: readerPolicy(guideNames.keyPath), tokenTtl: 60 },
  auditor: { role: "openclaw-auditor", policy: auditorPolicy, tokenTtl: 15 * 60 },
};

/** The identities in an external Vault: its deployer and auditor have fewer rights. */
export function externalVaultIdentities(names: VaultNames): Record<IdentityName, Identity> {
  const identity = (name: IdentityName, policy: string): Identity => ({
    role: `${names.prefix}-${name}`,
    policy,
    tokenTtl: identities[name].tokenTtl,
  });
  return {
    deployer: identity("deployer", externalVaultDeployerPolicy(names)),
    reader: identity("reader", readerPolicy(names.keyPath)),
    auditor: identity("auditor", externalVaultAuditorPolicy(names)),
  };
}

/** The identities of an instance, by the kind of its Vault. */
export function identitiesOf({
  external,
}: {
  readonly external?: VaultNames | undefined;
}): Record<IdentityName, Identity> {
  return external ? externalVaultIdentities(external) : identities;
}

/**
 * The request body with which bootstrap writes an identity's role. It sets every parameter, because Vault leaves omitted ones
 * unchanged. Secret ids do not expire, so that a host keeps working unattended.
 */
export function roleParameters({ role, tokenTtl, addresses = [] }: Identity): Record<string, unknown> {
  return {
    token_policies: [role],
    token_type: "batch",
    token_ttl: tokenTtl,
    token_no_default_policy: true,
    secret_id_ttl: 0,
    secret_id_num_uses: 0,
    bind_secret_id: true,
    secret_id_bound_cidrs: addresses,
    token_bound_cidrs: addresses,
    token_explicit_max_ttl: 0,
    token_max_ttl: 0,
    token_num_uses: 0,
    token_period: 0,
  };
}
