import { Construct } from "constructs";
import { reachOf, type VaultPlace } from "../model/deployment";
import { isPlainHttp } from "../model/loopback";
import type { ConnectParameters } from "../model/run-parameters";
import { encrypted, requireThat } from "./require";
import { runStep } from "./run-step";

export interface ExistingVaultProps {
  /** The instance home, where the credentials are kept: an absolute path, mode 0700, outside the checkout. */
  readonly home: string;
  /** Where the host reaches it. */
  readonly place: VaultPlace;
}

/**
 * A Vault that was there before, in the place of `VaultServer` and `VaultBootstrap`: declares nothing of it, and sees that it
 * is open, holds this instance's identities, and has a key-value store at `secret/`. The program's `up` writes these once,
 * with an admin's token.
 */
export class ExistingVault extends Construct {
  constructor(scope: Construct, id: string, { home, place }: ExistingVaultProps) {
    super(scope, id);
    requireThat(this, home.startsWith("/"), "home", home, "an absolute path");
    const { address, existing = {} } = place;
    requireThat(this, !isPlainHttp(address), "place.address", address, encrypted);
    const parameters: ConnectParameters = { home, ...reachOf(place), existing };
    runStep(this, "run", { step: "connect", parameters, triggers: [address] });
  }
}
