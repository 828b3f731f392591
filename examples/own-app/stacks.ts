import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  type IVault,
  OpenRouterSecret,
  pinProviders,
  VaultBootstrap,
  VaultServer,
  vaultProviderConfig,
} from "openclaw-openrouter";

export interface TeamVaultProps {
  /** The folder of shares and credentials: outside the checkout, readable only by the user who deploys. */
  readonly home: string;
  /** @default hashicorp/vault:1.21.2 */
  readonly image?: string;
}

/** The team's Vault, smaller than the setup guide's and on another port. */
export class TeamVault extends TerraformStack {
  readonly vault: IVault;

  constructor(scope: Construct, id: string, { home, image }: TeamVaultProps) {
    super(scope, id);
    new DockerProvider(this, "docker");
    pinProviders(this, "docker");

    const server = new VaultServer(this, "server", {
      home,
      instanceId: "team-vault",
      containerName: "team-vault",
      port: 8300,
      memoryMegabytes: 256,
      ui: false,
      ...(image ? { image } : {}),
    });
    new VaultBootstrap(this, "bootstrap", { server, shares: 3, threshold: 2 });
    new TerraformOutput(this, "address", { value: server.address });
    this.vault = server;
  }
}

export interface TeamOpenRouterProps {
  readonly vault: IVault;
  readonly keyVersion: number;
}

/** The key in that Vault. */
export class TeamOpenRouter extends TerraformStack {
  constructor(scope: Construct, id: string, { vault, keyVersion }: TeamOpenRouterProps) {
    super(scope, id);
    new VaultProvider(this, "vault", vaultProviderConfig(vault));
    pinProviders(this, "vault");
    new OpenRouterSecret(this, "openrouter", { vault, keyVersion });
  }
}
