import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import type { Construct } from "constructs";
import { ExternalVault } from "../constructs/external-vault";
import { VaultBootstrap } from "../constructs/vault-bootstrap";
import { VaultServer } from "../constructs/vault-server";
import type { Deployment } from "../model/deployment";
import { sealOf } from "../model/seal";
import { BaseStack } from "./base-stack";

export interface VaultStackProps {
  readonly deployment: Deployment;
  readonly instanceId: string;
  /**
   * The image as the engine has it: the settings' own, or the bundle's build of the same version. Skipped where Vault was
   * there before.
   */
  readonly image: string;
}

/** A Vault that can be used: its container and what opens it, or an external one. */
export class VaultStack extends BaseStack {
  constructor(scope: Construct, { deployment, instanceId, image }: VaultStackProps) {
    super(scope, "vault", deployment);
    if (deployment.external) {
      new ExternalVault(this, "external", { home: deployment.home.root, place: deployment });
      return;
    }
    const { vault } = deployment.settings;
    const seal = sealOf(vault.seal);
    // The engine comes by DOCKER_HOST: its socket's path is a host's own and not part of the declaration.
    new DockerProvider(this, "docker");
    this.pinProviders("docker");
    const server = new VaultServer(this, "server", {
      home: deployment.home.root,
      instanceId,
      image,
      containerName: deployment.container,
      port: deployment.port,
      dataVolume: deployment.dataVolume,
      homeVolume: deployment.homeVolume,
      socketVolume: deployment.socketVolume,
      network: deployment.network,
      memoryMegabytes: vault.memoryMegabytes,
      ui: vault.ui,
      telemetry: vault.telemetry,
      tls: deployment.tls ?? false,
      ...(seal ? { seal } : {}),
    });
    new VaultBootstrap(this, "bootstrap", {
      home: deployment.home.root,
      container: server.container,
      containerName: deployment.container,
      dataVolume: deployment.dataVolume,
      address: server.address,
      ...(server.caFile ? { caFile: server.caFile } : {}),
      shares: vault.shares,
      threshold: vault.threshold,
    });
  }
}
