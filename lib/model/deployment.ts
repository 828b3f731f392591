import { isIPv6 } from "node:net";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { defaultInstance, sandbox, sandboxInstance } from "../config/sandbox";
import type { Settings } from "../config/settings";
import { defined } from "../core/defined";
import { type HomePaths, homePaths } from "./home-paths";
import { type GatewayContainer, socketAddress } from "./openclaw/gateway-container";
import { presentModels, type ReplacedModel } from "./openclaw/models";
import { prefixOf, type VaultNames } from "./vault/vault-names";
import { instanceTlsFiles, type VaultTlsFiles } from "./vault/vault-tls";

/** The place of a Vault, as the host reaches it. */
export interface VaultPlace {
  readonly address: string;
  /** Further addresses of an external cluster: any server that answers will do. @default the address alone */
  readonly otherAddresses?: readonly string[];
  /** A PEM file with CA certificates that verify its certificate. @default the CA certificates of Node; none for plain HTTP */
  readonly caFile?: string;
  /** The namespace of an external Vault (Enterprise, HCP) that holds the secret. @default the root namespace */
  readonly namespace?: string;
  /** For plain HTTP on the loopback: the rule that identifies the listener. */
  readonly listener?: ListenerRule;
  /**
   * Set if Vault is external: its owner runs it, and only a part of its content is managed.
   * @default the instance's own Vault
   */
  readonly external?: ExternalVault;
}

/** The part of a place that a connection needs. */
export function reachOf({
  address,
  otherAddresses,
  caFile,
  namespace,
  listener,
}: VaultPlace): Omit<VaultPlace, "external"> {
  return { address, ...defined({ otherAddresses, caFile, namespace, listener }) };
}

/**
 * Whether settings name another place of an external Vault than the deployed one. Nobody has deployed them yet, and they can be those
 * of a clone or a branch that is only looked at: no credential goes there.
 */
export function isVaultElsewhere(declared: VaultPlace, deployed: VaultPlace): boolean {
  return deployed.external !== undefined && !isDeepStrictEqual(reachOf(declared), reachOf(deployed));
}

/** The rule that identifies the listener at an address of plain HTTP, where there is no certificate. */
export interface ListenerRule {
  /** The instance directory: its record names the listener that a person accepted. */
  readonly home: string;
  /** The container that publishes the port. @default not known */
  readonly container?: string;
  /** Whether that container is the instance's own and has its label. @default false */
  readonly own?: true;
}

/** An external Vault, with the names of this instance's part of it. */
export interface ExternalVault extends VaultNames {
  /** The container that it runs in. @default unknown: it can run anywhere */
  readonly container?: string;
  /** Set on a host that joined another instance's Vault: its name there. */
  readonly joinedAs?: string;
}

/** One instance with all names and paths resolved: the input of both the declaration and the run time. */
export interface Deployment extends VaultPlace {
  readonly instance: string;
  readonly home: HomePaths;
  readonly settings: Settings;
  /** The file that the settings come from, an absolute path. @default all of them are defaults */
  readonly settingsFile?: string;
  /** For its own Vault: container, volumes, network, and port on 127.0.0.1. */
  readonly container: string;
  readonly dataVolume: string;
  readonly homeVolume: string;
  /** The volume of the Unix listener. */
  readonly socketVolume: string;
  readonly network: string;
  readonly port: number;
  /** The files with which its own Vault serves TLS. Undefined if it serves plain HTTP. */
  readonly tls?: VaultTlsFiles;
  /** OpenRouter's base URL: the local one for the sandbox. */
  readonly baseUrl: string;
  readonly openclawFolder: string;
  /** The container in which OpenClaw's gateway runs. @default it runs on this host */
  readonly gateway?: GatewayContainer;
  /** Outdated models of the settings file, which are replaced in {@link settings}. */
  readonly replacedModels: readonly ReplacedModel[];
}

/** The addresses of a place, separated by blanks: one word, unless it is a cluster. */
export function addressesOf({ address, otherAddresses = [] }: VaultPlace): string {
  return [address, ...otherAddresses].join(" ");
}

/** Where the gateway reaches Vault. See {@link addressesOf}. */
export function gatewayAddress(deployment: Deployment): string {
  return deployment.gateway && !deployment.external ? socketAddress : addressesOf(deployment);
}

/** The address at which other hosts reach Vault. */
export function addressForHosts({ address, port, external, settings }: Deployment): string {
  const { listen, listenName = listen } = settings.vault;
  if (external || listenName === undefined) return address;
  return `https://${isIPv6(listenName) ? `[${listenName}]` : listenName}:${port}`;
}

/** The address at which the host reaches an instance's own Vault. */
export function vaultAddress(port: number, tls: boolean): string {
  return `${tls ? "https" : "http"}://127.0.0.1:${port}`;
}

/** What the instance directory knows of an instance besides its settings. */
export interface KnownInstance {
  /** Its id, which its names in an external Vault contain. @default it has none yet */
  readonly id?: string;
  /** Set on a host that joined another instance's Vault: its name there, and how that instance's names begin. */
  readonly joined?: { readonly name: string; readonly prefix: string };
  /** The container in which OpenClaw's gateway runs. @default it runs on this host */
  readonly gateway?: GatewayContainer;
}

/**
 * An instance of the given settings, with all names and paths resolved.
 * @param instance its name, which the names of container, volumes and folders contain; `default` has the setup guide's names
 * @param given the settings, such as `settingsSchema.parse({ vault: { port: 8210 } })`
 * @param home the instance directory, absolute
 * @param userHome the user's home directory, the default parent of OpenClaw's folder
 * @param known what the instance directory knows besides
 */
export function deployment(
  instance: string,
  given: Settings,
  home: string,
  userHome: string,
  { id, joined, gateway }: KnownInstance = {},
): Deployment {
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
    ...(settings.vault.address === undefined
      ? ownPlace(paths, container, port, tls)
      : externalPlace(home, {
          ...settings.vault,
          ...severalAddresses(settings.vault.address),
          prefix: joined?.prefix ?? prefixOf(instance, id),
          joinedAs: joined?.name,
          keyPath: settings.openrouter.path,
        })),
    baseUrl: isSandbox ? `http://127.0.0.1:${settings.sandbox.port}/api/v1` : settings.openrouter.baseUrl,
    openclawFolder: isSandbox
      ? join(home, "openclaw")
      : (settings.openclaw.folder ?? join(userHome, `.openclaw${suffix}`)),
    ...(gateway ? { gateway } : {}),
    replacedModels: replaced,
  };
}

/** The names of a container's volumes and network. */
export function containerNames(container: string) {
  return {
    dataVolume: `${container}-data`,
    homeVolume: `${container}-home`,
    socketVolume: `${container}-socket`,
    network: `${container}-network`,
  };
}

/** The TLS files that the settings name, or the instance's own. Undefined for plain HTTP. */
function tlsOf(tls: Settings["vault"]["tls"], { tls: folder }: HomePaths): VaultTlsFiles | undefined {
  if (tls === false) return undefined;
  return tls ?? instanceTlsFiles(folder);
}

/** The place of the instance's own Vault. Its certificate identifies it, or, for plain HTTP, the container that listens. */
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

/** The addresses of an external Vault, as the settings name them: one, or those of a cluster's servers. */
function severalAddresses(named: string | readonly string[]): Pick<VaultPlace, "address" | "otherAddresses"> {
  const [address = "", ...others] = [named].flat();
  return { address, ...(others.length > 0 ? { otherAddresses: others } : {}) };
}

/** The place of an external Vault. @param home the instance directory */
export function externalPlace(
  home: string,
  {
    address,
    otherAddresses,
    caFile,
    namespace,
    container,
    prefix,
    keyPath,
    joinedAs,
  }: Pick<Settings["vault"], "caFile" | "namespace" | "container"> &
    VaultNames &
    Pick<VaultPlace, "address" | "otherAddresses"> & { readonly joinedAs?: string | undefined },
): VaultPlace {
  const named = defined({ container, joinedAs });
  return {
    address,
    ...defined({ otherAddresses, caFile, namespace }),
    ...(address.startsWith("http:") ? { listener: { home, ...defined({ container }) } } : {}),
    external: { ...named, prefix, keyPath },
  };
}
