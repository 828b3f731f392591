import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import type { Construct } from "constructs";
import { pinProviders } from "../constructs/pin-providers";
import type { IVault } from "../constructs/vault";
import { VaultBootstrap } from "../constructs/vault-bootstrap";
import { VaultServer } from "../constructs/vault-server";
import { defined } from "../core/defined";
import type { Deployment } from "../model/deployment";
import { sealOf } from "../model/vault/seal";
import { BaseStack } from "./base-stack";

export interface VaultStackProps {
  /** The instance. See `deployment`. */
  readonly deployment: Deployment;
  /** The id that marks its container and volumes as managed: the same at each deploy. */
  readonly instanceId: string;
  /** The image on the engine, such as the bundle's build. Ignored if Vault is external. @default the settings' `vault.image` */
  readonly image?: string;
  /** Whether the host's kernel limits memory. @default true */
  readonly limitsMemory?: boolean;
}

/**
 * A usable Vault: its container and its bootstrap, or an external Vault. Several instances in one app have a `Construct` of their
 * own each, below which both of its stacks are declared.
 */
export class VaultStack extends BaseStack {
  readonly vault: IVault;

  constructor(scope: Construct, { deployment, instanceId, image, limitsMemory = true }: VaultStackProps) {
    super(scope, "vault", deployment);
    const { address, otherAddresses, caFile, namespace, external } = deployment;
    if (external) {
      const home = deployment.home.root;
      const props = { home, address, ...external, ...defined({ otherAddresses, caFile, namespace }) };
      this.vault = VaultServer.fromAddress(this, "external", props);
      return;
    }
    const { vault } = deployment.settings;
    const { container: containerName, port, dataVolume, homeVolume, socketVolume, network } = deployment;
    const seal = sealOf(vault.seal);
    // DOCKER_HOST names the engine: the path of its socket depends on the host and is not part of the declaration.
    new DockerProvider(this, "docker");
    pinProviders(this, "docker");
    const server = new VaultServer(this, "server", {
      home: deployment.home.root,
      instanceId,
      image: image ?? vault.image,
      ...{ containerName, port, dataVolume, homeVolume, socketVolume, network },
      memoryMegabytes: limitsMemory && vault.memoryMegabytes,
      ui: vault.ui,
      telemetry: vault.telemetry,
      tls: deployment.tls ?? false,
      ...defined({ seal, listen: vault.listen, socketUser: deployment.gateway?.uid }),
    });
    this.vault = server;
    new VaultBootstrap(this, "bootstrap", { server, shares: vault.shares, threshold: vault.threshold });
  }
}
