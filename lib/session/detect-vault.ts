import { z } from "zod";
import type { EngineApi } from "../docker/engine-api";
import { vaultAddress } from "../model/deployment";
import { VaultClient, VaultUntrusted } from "../vault/client";
import { readSealStatus } from "../vault/wait";

const containers = z.array(
  z.object({
    Names: z.array(z.string()),
    Ports: z.array(z.object({ PublicPort: z.int().optional() })).default([]),
  }),
);

/** A running container that publishes ports on this host. */
export interface PublishedContainer {
  readonly name: string;
  readonly ports: readonly number[];
}

export async function publishedContainers(engine: EngineApi): Promise<PublishedContainer[]> {
  const list = containers.parse(await engine.call("GET", "/containers/json"));
  return list.map(({ Names, Ports }) => ({
    name: (Names[0] ?? "").replace(/^\//, ""),
    ports: Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
  }));
}

/**
 * How to use a Vault that is there already, such as the setup guide's, instead of one of the instance's own.
 * @param container the one that it runs in, where that is known
 * @returns lines of a fix; none where what answers on the port is no Vault
 */
export async function wayToUse(port: number, container?: string): Promise<string[]> {
  const address = await vaultOn(port);
  if (!address) return [];
  const tls = address.startsWith("https:") ? { caFile: "/path/to/ca.pem" } : {};
  const settings = { vault: { address, ...tls, ...(container ? { container } : {}) } };
  return [
    "Or use the Vault that runs there, with all that is in it (docs/external-vault.md), by the settings",
    JSON.stringify(settings),
  ];
}

async function vaultOn(port: number): Promise<string | undefined> {
  const plain = vaultAddress(port, false);
  if (await isVault(plain)) return plain;
  const encrypted = vaultAddress(port, true);
  return (await isVault(encrypted)) ? encrypted : undefined;
}

/** Something whose certificate is not known here may well be a Vault. */
async function isVault(address: string): Promise<boolean> {
  return readSealStatus(VaultClient.at({ address })).then(
    () => true,
    (error) => error instanceof VaultUntrusted,
  );
}
