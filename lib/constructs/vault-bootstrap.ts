import { TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import { requireAlone, requireThat } from "./require";
import { runStep } from "./run-step";
import type { VaultServer } from "./vault-server";

export interface VaultBootstrapProps {
  readonly server: VaultServer;
  /** The number of unseal key shares: 1 to 255. @default 5 */
  readonly shares?: number;
  /** The number of shares that unseal Vault: at least 2 if there are several shares. @default 3 */
  readonly threshold?: number;
}

/**
 * Initializes a new Vault, unseals it, writes the audit device, the mount `secret/`, policies and roles of deployer, reader and
 * auditor, and revokes the root token. Runs for each new container; it can be killed at any point and run again.
 */
export class VaultBootstrap extends Construct {
  constructor(scope: Construct, id: string, { server, shares = 5, threshold = 3 }: VaultBootstrapProps) {
    super(scope, id);
    // Two would initialize one Vault at once.
    requireAlone(this, VaultBootstrap, "one VaultBootstrap a stack, that of its VaultServer");
    if (TerraformStack.of(server) !== TerraformStack.of(this))
      throw new Error(
        `${this.node.path}: its stack does not declare ${server.node.path}; expected the stack of its server, since a reference across stacks copies outputs into state`,
      );
    const isCount = (count: number, least: number, most: number) =>
      Number.isInteger(count) && count >= least && count <= most;
    requireThat(this, isCount(shares, 1, 255), "shares", shares, "a whole number from 1 to 255");
    const isKnown = !Token.isUnresolved(shares);
    const [least, most] = isKnown ? [shares > 1 ? 2 : 1, shares] : [1, 255];
    requireThat(
      this,
      isCount(threshold, least, most),
      "threshold",
      threshold,
      isKnown ? `${least} to ${most}, as Vault takes for ${shares} shares` : "a whole number from 1 to 255",
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
