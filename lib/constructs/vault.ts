import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";

/** A Vault that can hold the OpenRouter key: a `VaultServer`, or an external one by `VaultServer.fromAddress`. */
export interface IVault {
  /** The instance directory, with the credentials of the identities that use this Vault. */
  readonly home: string;
  /** The address at which the host reaches Vault. */
  readonly address: string;
  /** Further addresses of an external cluster. @default the address alone */
  readonly otherAddresses?: readonly string[] | undefined;
  /** CA certificates that verify Vault's certificate. Undefined for plain HTTP, or if Node and the system know them. */
  readonly caFile: string | undefined;
  /** The namespace of an external Vault (Enterprise, HCP). @default the root namespace */
  readonly namespace?: string | undefined;

  /**
   * Declares the key, and the identities that write and read it. `OpenRouterSecret` calls it.
   * @returns complete when the key is stored
   */
  declareKey(scope: Construct, key: KeyDeclaration): ITerraformDependable;
}

/** What is declared of the key: its value is only in the ephemeral variable. */
export interface KeyDeclaration {
  /** The version of the key. See `keyVersion`. */
  readonly keyVersion: number;
  /** How often the same key was to be written again. */
  readonly keyGeneration: number;
}

/** The name of the ephemeral variable with the key. */
export const keyVariable = "openrouter_api_key";

/** The name of the ephemeral variable with the address of a cluster's server that answers. */
export const addressVariable = "vault_address";
