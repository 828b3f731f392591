import type { VaultPlace } from "../model/deployment";
import type { BootstrapResult } from "../vault/bootstrap";

/** What had to be done so that Vault can be used. */
export interface OpenedVault extends BootstrapResult {
  /** Whether the container was stopped or paused. */
  readonly started: boolean;
  /** Where it answers until the deploy: by TLS or not, and with which certificate, is the running container's matter. */
  readonly place: VaultPlace;
}

/** A few words for a person. */
export function describeOpened(opened: OpenedVault | undefined): string | null {
  if (!opened) return null;
  const done = [
    ...(opened.started ? ["started"] : []),
    ...(opened.initialized ? ["initialised"] : []),
    ...(opened.unsealed ? ["unsealed"] : []),
    ...(opened.identitiesWritten ? ["identities written"] : []),
  ];
  return done.length > 0 ? done.join(", ") : "running and unsealed";
}
