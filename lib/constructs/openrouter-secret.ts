import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { type ITerraformDependable, TerraformVariable, Token } from "cdktf";
import { Construct } from "constructs";
import { requireAlone, requireProvider, requireThat } from "./require";
import { type IVault, keyVariable } from "./vault";

export interface OpenRouterSecretProps {
  /** The Vault that holds the key. */
  readonly vault: IVault;
  /** The version of the key: the provider writes only when this number changes. See `keyVersion`. 0 before any key is known. */
  readonly keyVersion: number;
  /** Increase it to write the same key again. @default 0 */
  readonly keyGeneration?: number;
}

/**
 * `secret/openrouter` with the field `api_key`, the policies and roles that can read it, and, in a `VaultServer`, the audit
 * device that logs each access.
 *
 * This construct writes only the key. `VaultBootstrap` writes mount, audit device, policies and roles: they are imported and
 * compared here, so that a plan shows their changes, and the deployer has no right to write them. The command `vault
 * renew-identities` writes them again.
 *
 * The key arrives in the ephemeral variable `openrouter_api_key` (TF_VAR_openrouter_api_key) and is written by a write-only
 * argument: it is in neither plan nor state. Mount and secret carry `prevent_destroy`.
 *
 * One in a stack, whose `VaultProvider` without an alias it uses: one with the address of the Vault. With a `VaultServer`, it belongs
 * into another stack, which is deployed after that of `VaultBootstrap`: its plan logs in to Vault and reads what bootstrap wrote.
 */
export class OpenRouterSecret extends Construct {
  /** Complete when the key is stored. */
  readonly secret: ITerraformDependable;

  constructor(scope: Construct, id: string, { vault, keyVersion, keyGeneration = 0 }: OpenRouterSecretProps) {
    super(scope, id);
    // Two would share the variable of the key and the provider of Vault: the second key would be refused, or stored in the first
    // Vault.
    requireAlone(
      this,
      OpenRouterSecret,
      "one OpenRouterSecret a stack, so declare this one in a stack of its own, with its own VaultProvider",
    );
    // A server at another address, or at VAULT_ADDR if no provider is declared, would get the deployer's credential and the key.
    requireProvider(this, VaultProvider, (provider) => {
      const { address, skipTlsVerify } = provider ?? {};
      const isKnownLater = address !== undefined && Token.isUnresolved(vault.address);
      const expected = `${vault.address}, the address of the option 'vault', in a VaultProvider without an alias`;
      requireThat(
        this,
        address === vault.address || isKnownLater,
        "VaultProvider.address",
        address,
        expected,
      );
      const name = "VaultProvider.skipTlsVerify";
      requireThat(this, !skipTlsVerify, name, skipTlsVerify, "none: the key goes to a verified server only");
    });
    for (const [option, number] of Object.entries({ keyVersion, keyGeneration })) {
      const isWhole = Number.isSafeInteger(number) && number >= 0;
      requireThat(this, isWhole, option, number, "a whole number, 0 or more");
    }

    const key = new TerraformVariable(this, "key", {
      type: "string",
      default: "",
      sensitive: true,
      description: "The OpenRouter API key, by TF_VAR_openrouter_api_key. Empty: the stored key stays.",
      validation: [
        {
          // In quotes a version that is known later is an interpolation, which an expression does not take bare.
          condition: `\${var.${keyVariable} == "" || parseint(substr(sha256("${keyGeneration}:\${var.${keyVariable}}"), 0, 12), 16) == tonumber("${keyVersion}")}`,
          errorMessage:
            "This is not the key for which the stack was synthesized. Synthesize again with the same TF_VAR_openrouter_api_key.",
        },
      ],
    });
    key.overrideLogicalId(keyVariable);
    // CDKTF has no ephemeral variables; only an ephemeral value stays out of the plan file.
    key.addOverride("ephemeral", true);
    this.secret = vault.declareKey(this, { keyVersion, keyGeneration });
  }
}
