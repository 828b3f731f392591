import { rmSync } from "node:fs";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import type { EngineContainer } from "../docker/engine-api";
import { type Deployment, ownPlace, type VaultPlace, vaultAddress } from "../model/deployment";
import { apiPort, servesTls } from "../model/vault-config";

/** What tells how a container serves Vault. */
interface ServingContainer extends Pick<EngineContainer, "Config"> {
  readonly HostConfig: Pick<EngineContainer["HostConfig"], "PortBindings">;
}

/**
 * Where the container that is there answers, before a deploy changes it: the settings may name another port since it was
 * made, have switched TLS on or off, or name a newer certificate and CA than it serves. So what verified the last one is
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

/** Where its host reaches a container of ours; undefined where it publishes nothing. */
export function publishedPort({ PortBindings }: ServingContainer["HostConfig"]): number | undefined {
  const [binding] = PortBindings[`${apiPort}/tcp`] ?? [];
  return Number(binding?.HostPort) || undefined;
}

/** After a deploy: what is declared is what Vault serves. */
export function rememberServedCa({ home, caFile }: Deployment): void {
  const declared = caFile && readTextIfThere(caFile);
  if (!declared) rmSync(home.vaultCa, { force: true });
  else if (readTextIfThere(home.vaultCa) !== declared) writePrivateFile(home.vaultCa, declared);
}
