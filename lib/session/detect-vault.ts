import { createServer } from "node:net";
import { UserError } from "../core/errors";
import type { EngineApi } from "../docker/engine-api";
import { programOnPort } from "../host/port-owner";
import { vaultAddress } from "../model/deployment";
import { VaultClient, VaultUntrusted } from "../vault/client";
import { readSealStatus } from "../vault/wait";
import { containerHost, type DeployContext } from "./context";

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

/**
 * Checks that nothing else listens on the port of Vault's container.
 * @param port the port on 127.0.0.1. @default the declared one
 * @throws UserError if the port is taken; it names the program, if that can be found
 */
export async function requireFreePort(context: DeployContext, port = context.deployment.port): Promise<void> {
  if (context.deployment.external || (await isFree(port))) return;
  const containers = await publishedContainers(containerHost(context).engine.api);
  const container = containers.find(({ ports }) => ports.includes(port))?.name;
  const owner = container ? `the container ${container}` : programOnPort(port);
  throw new UserError({
    problem: `Port ${port} on 127.0.0.1 is taken, and Vault needs it.`,
    got: owner ?? "a program of another user, whose name is not readable",
    expected: "a free port",
    fix: [
      `Stop it, or choose another port by \`vault.port\` in the settings. \`sudo ss -ltnp 'sport = :${port}'\` names it.`,
      ...(await wayToUse(port, container)),
    ].join("\n"),
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
