import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { DeployCheck } from "../constructs/deploy-check";
import { OpenClawConfig } from "../constructs/openclaw-config";
import { OpenRouterSecret } from "../constructs/openrouter-secret";
import { pinProviders } from "../constructs/pin-providers";
import { addressVariable, type IVault } from "../constructs/vault";
import { vaultProviderConfig } from "../constructs/vault-provider-config";
import type { Deployment } from "../model/deployment";
import { renderArtifacts } from "../model/openclaw/openclaw";
import { installParametersOf } from "../model/run-parameters";
import { BaseStack } from "./base-stack";

export interface OpenRouterStackProps {
  /** The instance. See `deployment`. */
  readonly deployment: Deployment;
  /** The Vault that holds the key, of the other stack. */
  readonly vault: IVault;
  /** The version of the key. See `OpenRouterSecretProps`. */
  readonly keyVersion: number;
  /** Increase it to write the same key again. @default 0 */
  readonly keyGeneration?: number;
}

/**
 * The stack on top of a running Vault: the secret, the identities that read it, OpenClaw's files, and the check. Below the same
 * construct as its `VaultStack`.
 */
export class OpenRouterStack extends BaseStack {
  constructor(scope: Construct, { deployment, vault, keyVersion, keyGeneration = 0 }: OpenRouterStackProps) {
    super(scope, "openrouter", deployment);
    new VaultProvider(this, "vault", {
      ...vaultProviderConfig(vault),
      ...(vault.otherAddresses ? { address: this.addressByVariable(vault.address) } : {}),
    });
    new LocalProvider(this, "local");
    pinProviders(this, "vault", "local");

    const { secret } = new OpenRouterSecret(this, "openrouter", { vault, keyVersion, keyGeneration });
    const config = new OpenClawConfig(this, "openclaw", {
      ...installParametersOf(deployment),
      artifacts: renderArtifacts(deployment),
      dependsOn: [secret],
    });
    new DeployCheck(this, "check", {
      deployment,
      triggers: [String(keyVersion), deployment.settings.models.default, config.hash],
      dependsOn: [config.installed],
    });
  }

  /** Of a cluster, the command names the server that answers. */
  private addressByVariable(first: string): string {
    const variable = new TerraformVariable(this, "vault-address", {
      type: "string",
      default: first,
      description: `The address of the cluster's server that answers, by TF_VAR_${addressVariable}.`,
    });
    variable.overrideLogicalId(addressVariable);
    // It may be another one at the apply than at the plan.
    variable.addOverride("ephemeral", true);
    return variable.stringValue;
  }
}
