import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { sandboxInstance } from "../config/sandbox";
import { UserError } from "../core/errors";
import type { EngineApi } from "../docker/engine-api";
import { isListenedOn, programOnPort } from "../host/port-owner";
import { type Deployment, vaultAddress } from "../model/deployment";
import { instanceLabel } from "../model/instance-label";
import { VaultClient } from "../vault/client";
import { VaultUntrusted } from "../vault/unanswered";
import { readSealStatus } from "../vault/wait";
import { type EngineContext, engineOf } from "./context";

/** A Vault that this program did not make. */
export interface ExistingVault {
  readonly address: string;
  /** Its container, if it is known. */
  readonly container?: string;
}

/** A container of the name that the instance's own would have, which does not run: nobody can ask it if it is a Vault. */
export interface IdleContainer {
  readonly container: string;
  /** In Docker's words. */
  readonly state: string;
}

/**
 * Finds a Vault that this program did not make, such as the setup guide's, where the instance's own would be: in a container of
 * its name, or on its port. Asks for its seal status only, and sends nothing secret.
 */
export async function findExistingVault(
  { container: name, port }: Pick<Deployment, "container" | "port">,
  engine: EngineApi | undefined,
): Promise<ExistingVault | IdleContainer | undefined> {
  const containers = (await engine?.containers("all=true")) ?? [];
  const named = containers.find(({ Names }) => Names.includes(`/${name}`));
  const found = named ?? containers.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port));
  if (found && instanceLabel in found.Labels) return undefined;
  if (named && named.State !== "running") return { container: name, state: named.State };
  const address = await vaultOn(named?.Ports.find(({ PublicPort }) => PublicPort)?.PublicPort ?? port);
  return address === undefined ? undefined : { address, ...(found ? { container: nameOf(found) } : {}) };
}

function nameOf({ Names }: { readonly Names: readonly string[] }): string {
  return (Names[0] ?? "").replace(/^\//, "");
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
export async function requireFreePort(
  context: Pick<EngineContext, "deployment" | "host">,
  port = context.deployment.port,
): Promise<void> {
  if (context.deployment.external || (await isFree(port))) return;
  const containers = await engineOf(context).api.containers();
  const container = containers.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port));
  const isFixed = context.deployment.instance === sandboxInstance;
  const owner = container ? `the container ${nameOf(container)}` : programOnPort(port);
  throw new UserError({
    problem: `Port ${port} on 127.0.0.1 is taken, and Vault needs it.`,
    got: owner ?? "a program of another user, whose name is not readable",
    expected: "a free port",
    fix: `Stop it${isFixed ? "" : ", or choose another port by `vault.port` in the settings"}. \`sudo ss -ltnp 'sport = :${port}'\` names it.`,
  });
}

/**
 * Checks that this host has the address at which other hosts are to reach Vault: with another one the engine starts no container.
 * @throws UserError if it does not, as on a new machine with the settings of the previous one
 */
export async function requireOwnAddress({ settings, settingsFile }: Deployment): Promise<void> {
  const { listen } = settings.vault;
  if (listen === undefined || (await isOwnAddress(listen))) return;
  const own = Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ internal }) => !internal).map(({ address }) => address),
  );
  throw new UserError({
    problem: "`vault.listen` names an address that this host does not have.",
    got: listen,
    expected: `one of ${own.join(", ") || "the host's, which has none but the loopback"}`,
    fix: `Set \`vault.listen\` in ${settingsFile ?? "the settings"}, then run this again.`,
  });
}

function isOwnAddress(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "EADDRNOTAVAIL"));
    server.listen(0, address, () => server.close(() => resolve(true)));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      // A port below 1024 is not for this user to take, and the engine of root publishes it all the same.
      else if (error.code === "EACCES") resolve(!isListenedOn(port));
      else reject(error);
    });
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
