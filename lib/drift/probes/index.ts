import type { Probe } from "../finding";
import { container } from "./container";
import { secret } from "./secret";
import { vaultPolicies } from "./vault-policies";
import { vaultServer } from "./vault-server";

/** Every probe, in the order in which what they find is told. */
export const probes: readonly Probe[] = [container, vaultServer, vaultPolicies, secret];
