import { z } from "zod";
import type { Identity } from "./vault/identities";
import { hostPolicy } from "./vault/policies";
import type { VaultNames } from "./vault/vault-names";

/** The name of an OpenClaw host that uses another instance's Vault. It is part of a path, a role and a policy. */
export const hostName = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, "1 to 40 of the characters a to z, 0 to 9 and `-`");

/** What a host has in Vault. */
export interface HostNames {
  /** The name of its role, its policy and its entity. */
  readonly role: string;
  /** The path of the secret with its key, as people write it: `secret/openrouter/<name>`. */
  readonly keyPath: string;
}

/** The names of a host in the Vault of an instance. */
export function hostNames(instance: VaultNames, name: string): HostNames {
  return { role: `${instance.prefix}-host-${name}`, keyPath: `${instance.keyPath}/${name}` };
}

/** The part of a role's name that every reader of a key has: of instances and of hosts. */
export const readerRole = /^openclaw-.*(reader|host-.+)$/;

/** The addresses from which Vault accepts a host, in CIDR notation. Empty: any address. */
export type BoundAddresses = readonly string[];

/** Seconds that a host's token lasts: the resolver logs in again for each read. */
const hostTokenTtl = 60;

/**
 * A host as an identity: it reads its own secret and nothing else. The path is in the policy, not in what a secret id can carry.
 * @param isOwn whether the Vault is the inviting instance's own, which also tells its hosts which CA certificates to pin
 */
export function identityOfHost(
  { role, keyPath }: HostNames,
  addresses: BoundAddresses,
  isOwn: boolean,
): Identity {
  return { role, policy: hostPolicy(keyPath, isOwn), tokenTtl: hostTokenTtl, addresses };
}

/** The command that writes a host's access again, bound to the same addresses. It ends the host's present credential. */
export function inviteAgainFrom({ name, addresses }: { name: string; addresses: BoundAddresses }): string {
  const bound = addresses.map((each) => `--address ${each}`).join(" ") || "--any-address";
  return `openclaw-openrouter host invite ${name} --again ${bound}`;
}
