import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { DeployCheck } from "../constructs/deploy-check";
import { literal } from "../constructs/literal";
import { OpenClawConfig } from "../constructs/openclaw-config";
import { OpenRouterSecret } from "../constructs/openrouter-secret";
import { addressVariable, type IVault } from "../constructs/vault";
import type { Deployment } from "../model/deployment";
import { renderArtifacts } from "../model/openclaw/openclaw";
import { installParametersOf } from "../model/run-parameters";
import { vaultLogin } from "../model/vault/vault-login";
import { BaseStack } from "./base-stack";

export interface OpenRouterStackProps {
  readonly deployment: Deployment;
  /** The Vault that holds the key, of the other stack. */
  readonly vault: IVault;
  /** The version of the key. See `OpenRouterSecretProps`. */
  readonly keyVersion: number;
  readonly keyGeneration: number;
}

/**
 * The stack on top of a running Vault: the secret, the identities that read it, OpenClaw's files, and the check. Below the same
 * construct as its `VaultStack`.
 */
export class OpenRouterStack extends BaseStack {
  constructor(scope: Construct, { deployment, vault, keyVersion, keyGeneration }: OpenRouterStackProps) {
    super(scope, "openrouter", deployment);
    const { namespace } = vault;
    new VaultProvider(this, "vault", {
      address: vault.otherAddresses ? this.addressByVariable(vault.address) : vault.address,
      ...(namespace ? { namespace: literal(namespace) } : {}),
      ...(vault.caFile ? { caCertFile: literal(vault.caFile) } : {}),
      // A child token would need its own policy and outlive the run.
      skipChildToken: true,
      authLogin: [
        {
          ...vaultLogin(deployment.home, "deployer"),
          ...(namespace ? { namespace: literal(namespace) } : {}),
        },
      ],
    });
    new LocalProvider(this, "local");
    this.pinProviders("vault", "local");

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
