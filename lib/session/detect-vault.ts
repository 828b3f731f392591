import type { EngineApi } from "../docker/engine-api";
import { vaultAddress } from "../model/deployment";
import { VaultClient, VaultUntrusted } from "../vault/client";
import { readSealStatus } from "../vault/wait";

/** A running container that publishes ports on this host. */
export interface PublishedContainer {
  readonly name: string;
  readonly ports: readonly number[];
}

export async function publishedContainers(engine: EngineApi): Promise<PublishedContainer[]> {
  return (await engine.containers()).map(({ Names, Ports }) => ({
    name: (Names[0] ?? "").replace(/^\//, ""),
    ports: Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
  }));
}

/**
 * How to use an existing Vault, such as the setup guide's, instead of the instance's own.
 * @param container its container, if it is known
 * @returns lines of a fix; none if no Vault answers on the port
 */
export async function wayToUse(port: number, container?: string): Promise<string[]> {
  const address = await vaultOn(port);
  if (!address) return [];
  const tls = address.startsWith("https:") ? { caFile: "/path/to/ca.pem" } : {};
  const settings = { vault: { address, ...tls, ...(container ? { container } : {}) } };
  return [
    "Or use the Vault that runs there, with all its data (docs/external-vault.md), by the settings",
    JSON.stringify(settings),
  ];
}

async function vaultOn(port: number): Promise<string | undefined> {
  const plain = vaultAddress(port, false);
  if (await isVault(plain)) return plain;
  const encrypted = vaultAddress(port, true);
  return (await isVault(encrypted)) ? encrypted : undefined;
}

/** Whether a Vault answers. A server with an unknown certificate counts as one. */
async function isVault(address: string): Promise<boolean> {
  return readSealStatus(VaultClient.at({ address })).then(
    () => true,
    (error) => error instanceof VaultUntrusted,
  );
}
