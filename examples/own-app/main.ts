import { homedir } from "node:os";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { App, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  homePaths,
  type IVault,
  keyVersion,
  OpenRouterSecret,
  providerVersions,
  VaultBootstrap,
  VaultServer,
  vaultLogin,
} from "openclaw-openrouter";

const key = process.env.OPENROUTER_API_KEY;
if (!key) throw new Error("OPENROUTER_API_KEY is not set: the app declares a digest of the key.");

/** The folder of shares and credentials: outside the checkout, readable only by the user who deploys. */
const home = homePaths(join(homedir(), ".team-vault"));

/** The team's Vault, smaller than the setup guide's and on another port. */
class Vault extends TerraformStack {
  readonly server: VaultServer;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    new DockerProvider(this, "docker");
    this.addOverride("terraform.required_providers.docker.version", providerVersions.docker);

    this.server = new VaultServer(this, "server", {
      home: home.root,
      instanceId: "team-vault",
      containerName: "team-vault",
      port: 8300,
      memoryMegabytes: 256,
      ui: false,
      ...(process.env.VAULT_IMAGE ? { image: process.env.VAULT_IMAGE } : {}),
    });
    new VaultBootstrap(this, "bootstrap", { server: this.server, shares: 3, threshold: 2 });
    new TerraformOutput(this, "address", { value: this.server.address });
  }
}

/** The key in that Vault. */
class OpenRouter extends TerraformStack {
  constructor(scope: Construct, id: string, vault: IVault, openRouterKey: string) {
    super(scope, id);
    // Logs in as the deployer that the bootstrap created, so no token is needed.
    new VaultProvider(this, "vault", {
      address: vault.address,
      ...(vault.caFile ? { caCertFile: vault.caFile } : {}),
      skipChildToken: true,
      authLogin: [vaultLogin(home, "deployer")],
    });
    this.addOverride("terraform.required_providers.vault.version", providerVersions.vault);
    new OpenRouterSecret(this, "openrouter", { vault, keyVersion: keyVersion(openRouterKey, 0) });
  }
}

// CDKTF's own validations run a program named terraform, even where only OpenTofu is installed.
const app = new App({ skipValidation: true });
const vault = new Vault(app, "team-vault");
// A dependency instead of a reference: a reference would copy outputs into the other stack's state.
new OpenRouter(app, "team-openrouter", vault.server, key).addDependency(vault);
app.synth();
