import { rmSync } from "node:fs";
import { readTextIfThere, writePrivateFile } from "../../core/files/files";
import type { EngineContainer } from "../../docker/schemas";
import { type Deployment, ownPlace, type VaultPlace, vaultAddress } from "../../model/deployment";
import { apiPort, servesTls } from "../../model/vault/vault-config";

/** The parts of a container that show how it serves Vault. */
interface ServingContainer {
  readonly Config: Pick<EngineContainer["Config"], "Env">;
  readonly HostConfig: {
    readonly PortBindings: Readonly<
      Record<string, readonly { readonly HostPort: string }[] | null | undefined>
    >;
  };
}

/**
 * The address and CA of the existing container, before a deploy changes it. Since it was created, the settings may have changed
 * the port, switched TLS on or off, or named a newer certificate and CA. So the CA that verified the last certificate is
 * trusted as well.
 */
export function placeAsItServes(
  { home, container, port: declaredPort, caFile }: Deployment,
  { Config, HostConfig }: ServingContainer,
): VaultPlace {
  const port = publishedPort(HostConfig) ?? declaredPort;
  if (!servesTls(Config.Env)) return ownPlace(home, container, port, undefined);
  const known = readTextIfThere(home.vaultCa) ?? "";
  const declared = (caFile && readTextIfThere(caFile)) ?? "";
  const both = known.includes(declared) ? known : `${known}\n${declared}`;
  if (both !== known) writePrivateFile(home.vaultCa, both);
  return { address: vaultAddress(port, true), ...(both ? { caFile: home.vaultCa } : {}) };
}

/** The port on which the host reaches a managed container; undefined if it publishes none. */
export function publishedPort({ PortBindings }: ServingContainer["HostConfig"]): number | undefined {
  const [binding] = PortBindings[`${apiPort}/tcp`] ?? [];
  return Number(binding?.HostPort) || undefined;
}

/** Records, after a deploy, that Vault serves the declared certificate. */
export function rememberServedCa({ home, caFile }: Deployment): void {
  const declared = caFile && readTextIfThere(caFile);
  if (!declared) rmSync(home.vaultCa, { force: true });
  else if (readTextIfThere(home.vaultCa) !== declared) writePrivateFile(home.vaultCa, declared);
}
