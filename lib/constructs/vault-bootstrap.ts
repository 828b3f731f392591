import type { Container } from "@cdktf/provider-docker/lib/container";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { isPlainHttp } from "../core/loopback";
import type { BootstrapParameters } from "../model/run-parameters";
import { encrypted, requireThat } from "./require";
import { runStep } from "./run-step";

export interface VaultBootstrapProps {
  /** The instance directory, which holds shares and credentials: an absolute path, mode 0700, outside the checkout. */
  readonly home: string;
  readonly container: Container;
  /** The names of the container and of its data volume, known at synth. */
  readonly containerName: string;
  readonly dataVolume: string;
  /** The address at which the host reaches Vault: on the loopback if Vault serves plain HTTP. */
  readonly address: string;
  /** CA certificates that verify Vault's certificate: an absolute path. @default none, for a Vault that serves plain HTTP */
  readonly caFile?: string;
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
  constructor(scope: Construct, id: string, props: VaultBootstrapProps) {
    super(scope, id);
    const shares = props.shares ?? 5;
    const threshold = props.threshold ?? 3;
    requireThat(this, props.home.startsWith("/"), "home", props.home, "an absolute path");
    requireThat(this, !isPlainHttp(props.address), "address", props.address, encrypted);
    requireThat(
      this,
      threshold >= 1 && (threshold <= shares || Token.isUnresolved(shares)),
      "threshold",
      threshold,
      `1 to ${shares}, the number of shares`,
    );
    const parameters: BootstrapParameters = {
      home: props.home,
      address: props.address,
      ...(props.caFile
        ? { caFile: props.caFile }
        : { listener: { home: props.home, container: props.containerName, own: true } }),
      container: props.containerName,
      dataVolume: props.dataVolume,
      shares,
      threshold,
    };
    runStep(this, "run", { step: "bootstrap", parameters, triggers: [props.container.id] });
  }
}
