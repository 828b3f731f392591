import { Token } from "cdktf";
import { Construct } from "constructs";
import { requireThat } from "./require";
import { runStep } from "./run-step";
import type { VaultServer } from "./vault-server";

export interface VaultBootstrapProps {
  readonly server: VaultServer;
  /** The number of unseal key shares. @default 5 */
  readonly shares?: number;
  /** The number of shares that unseal Vault. @default 3 */
  readonly threshold?: number;
}

/**
 * Initialises a new Vault, unseals it, writes the audit device, the mount `secret/`, policies and roles of deployer, reader and
 * auditor, and revokes the root token. Runs for each new container; it can be killed at any point and run again.
 */
export class VaultBootstrap extends Construct {
  constructor(scope: Construct, id: string, { server, shares = 5, threshold = 3 }: VaultBootstrapProps) {
    super(scope, id);
    requireThat(
      this,
      threshold >= 1 && (threshold <= shares || Token.isUnresolved(shares)),
      "threshold",
      threshold,
      `1 to ${shares}, the number of shares`,
    );
    const { home, address, caFile, container, containerName, dataVolume } = server;
    const reach = caFile ? { caFile } : { listener: { home, container: containerName, own: true } as const };
    runStep(this, "run", {
      step: "bootstrap",
      parameters: { home, address, ...reach, container: containerName, dataVolume, shares, threshold },
      triggers: [container.id],
    });
  }
}
