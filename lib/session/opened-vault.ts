import { hanging } from "../core/text";
import type { VaultPlace } from "../model/deployment";
import type { BootstrapResult } from "../vault/bootstrap";

/** What was done to open Vault. */
export interface OpenedVault extends BootstrapResult {
  /** Whether the container was stopped or paused. */
  readonly started: boolean;
  /** Where Vault answers until the deploy. The running container determines TLS and the certificate. */
  readonly place: VaultPlace;
}

/** A summary for a person. */
export function describeOpened(opened: OpenedVault | undefined): string | null {
  if (!opened) return null;
  const done = [
    ...(opened.started ? ["started"] : []),
    ...(opened.initialized ? ["initialized"] : []),
    ...(opened.unsealed ? ["unsealed"] : []),
    ...(opened.identitiesWritten ? ["identities written"] : []),
  ];
  return withWarning(done.length > 0 ? done.join(", ") : "running and unsealed", opened.warning);
}

/** The summary of a phase that left something to fix. */
export function withWarning(done: string, warning: string | undefined): string {
  return warning === undefined ? done : [done, ...hanging("! ", warning)].join("\n");
}
