import { Construct } from "constructs";
import { isPlainHttp } from "../core/loopback";
import { reachOf, type VaultPlace } from "../model/deployment";
import { encrypted, requireThat } from "./require";
import { runStep } from "./run-step";

export interface ExternalVaultProps {
  /** The instance directory, which holds the credentials: an absolute path, mode 0700, outside the checkout. */
  readonly home: string;
  /** The address at which the host reaches Vault. */
  readonly place: VaultPlace;
}

/**
 * An external Vault, instead of `VaultServer` and `VaultBootstrap`. Declares no part of it, and checks that it is unsealed,
 * holds this instance's identities, and has a key-value store at `secret/`. The command `up` writes these once, with an admin's
 * token.
 */
export class ExternalVault extends Construct {
  constructor(scope: Construct, id: string, { home, place }: ExternalVaultProps) {
    super(scope, id);
    requireThat(this, home.startsWith("/"), "home", home, "an absolute path");
    const { address, external = {} } = place;
    requireThat(this, !isPlainHttp(address), "place.address", address, encrypted);
    const parameters = { home, ...reachOf(place), external };
    runStep(this, "run", { step: "connect", parameters, triggers: [address] });
  }
}
