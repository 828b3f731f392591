import { join } from "node:path";
import { defaultInstance, sandbox, sandboxInstance } from "../config/sandbox";
import type { Settings } from "../config/settings";
import { type HomePaths, homePaths } from "./home-paths";
import { presentModels, type ReplacedModel } from "./models";
import { instanceTlsFiles, type VaultTlsFiles } from "./vault-tls";

/** Where the host reaches a Vault. */
export interface VaultPlace {
  readonly address: string;
  /** CA certificates that verify its own: a file of PEM. @default those that Node knows; none for plain HTTP */
  readonly caFile?: string;
  /** How it is known who listens, for plain HTTP on the loopback. See `requireKnownListener`. */
  readonly listener?: ListenerRule;
  /** Set if Vault is external: its owner runs it, and only some of what lies in it is ours. @default it is ours */
  readonly external?: ExternalVault;
}

/** The parts of a place that say how it is reached. */
export function reachOf({ address, caFile, listener }: VaultPlace): Omit<VaultPlace, "external"> {
  return { address, ...(caFile ? { caFile } : {}), ...(listener ? { listener } : {}) };
}

/** How it is known who listens at an address of plain HTTP, where no certificate tells it. */
export interface ListenerRule {
  /** The instance directory: its record says whose listener was shown to a person. */
  readonly home: string;
  /** The container that publishes the port. @default not known */
  readonly container?: string;
  /** Whether that container is the instance's own, and so carries its label. @default false */
  readonly own?: true;
}

/** An external Vault. */
export interface ExternalVault {
  /** The container that it runs in. @default not known: it may run anywhere */
  readonly container?: string;
}

/** One instance with every name and path worked out: what declaration and run time both start from. */
export interface Deployment extends VaultPlace {
  readonly instance: string;
  readonly home: HomePaths;
  readonly settings: Settings;
  /** Of a Vault of its own: container, volumes, and port on 127.0.0.1. */
  readonly container: string;
  readonly dataVolume: string;
  readonly homeVolume: string;
  /** Of its Unix listener. */
  readonly socketVolume: string;
  readonly network: string;
  readonly port: number;
  /** The files with which a Vault of its own serves by TLS. Undefined if it serves plain HTTP. */
  readonly tls?: VaultTlsFiles;
  /** OpenRouter's base URL: the local one for the sandbox. */
  readonly baseUrl: string;
  readonly openclawFolder: string;
  /** Models of the settings that are out of date, and are replaced in {@link settings}. */
  readonly replacedModels: readonly ReplacedModel[];
}

/** The address of a Vault of ours, as the host reaches it. */
export function vaultAddress(port: number, tls: boolean): string {
  return `${tls ? "https" : "http"}://127.0.0.1:${port}`;
}

/**
 * @param home the instance directory, absolute
 * @param userHome the user's home folder, under which OpenClaw's folder lies by default
 */
export function deployment(instance: string, given: Settings, home: string, userHome: string): Deployment {
  const { models, replaced } = presentModels(given.models);
  const settings = { ...given, models };
  const isSandbox = instance === sandboxInstance;
  const suffix = instance === defaultInstance ? "" : `-${instance}`;
  const container = isSandbox ? sandbox.container : (settings.vault.container ?? `vault${suffix}`);
  const port = isSandbox ? sandbox.vaultPort : settings.vault.port;
  const paths = homePaths(home);
  const tls = tlsOf(settings.vault.tls, paths);
  return {
    instance,
    home: paths,
    settings,
    container,
    ...containerNames(container),
    port,
    ...(tls ? { tls } : {}),
    ...(externalPlace(settings.vault, paths) ?? ownPlace(paths, container, port, tls)),
    baseUrl: isSandbox ? `http://127.0.0.1:${settings.sandbox.port}/api/v1` : settings.openrouter.baseUrl,
    openclawFolder: isSandbox
      ? join(home, "openclaw")
      : (settings.openclaw.folder ?? join(userHome, `.openclaw${suffix}`)),
    replacedModels: replaced,
  };
}

/** Names of what belongs to a container: its volumes and its network. */
export function containerNames(container: string) {
  return {
    dataVolume: `${container}-data`,
    homeVolume: `${container}-home`,
    socketVolume: `${container}-socket`,
    network: `${container}-network`,
  };
}

/** Those that the settings name, or the instance's own. Undefined if they say plain HTTP. */
function tlsOf(tls: Settings["vault"]["tls"], { tls: folder }: HomePaths): VaultTlsFiles | undefined {
  if (tls === false) return undefined;
  return tls ?? instanceTlsFiles(folder);
}

/** Where a Vault of the instance's own is reached: its certificate tells that it is the one, or whose container listens. */
export function ownPlace(
  { root }: HomePaths,
  container: string,
  port: number,
  tls: Pick<VaultTlsFiles, "caFile"> | undefined,
): VaultPlace {
  return {
    address: vaultAddress(port, tls !== undefined),
    ...(tls ? { caFile: tls.caFile } : { listener: { home: root, container, own: true } }),
  };
}

function externalPlace(
  { address, caFile, container }: Settings["vault"],
  { root }: HomePaths,
): VaultPlace | undefined {
  if (address === undefined) return undefined;
  const named = container ? { container } : {};
  return {
    address,
    ...(caFile ? { caFile } : {}),
    ...(address.startsWith("http:") ? { listener: { home: root, ...named } } : {}),
    external: named,
  };
}
