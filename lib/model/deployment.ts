import { join } from "node:path";
import type { Settings } from "../settings";
import { type HomePaths, homePaths } from "./home-paths";
import { presentModels, type ReplacedModel } from "./models";

/** The instance without an account, and the one that follows the guide. */
export const sandboxInstance = "sandbox";
export const defaultInstance = "default";

/** The sandbox's own places: other than anybody's, so that trying it out touches nothing. */
export const sandbox = { container: "openclaw-sandbox-vault", vaultPort: 18200 } as const;

/** Where the host reaches a Vault. */
export interface VaultPlace {
  readonly address: string;
  /** What vouches for its certificate: a file of PEM. @default none, for a Vault that serves plain HTTP */
  readonly caFile?: string;
  /** Set where it was there before: its owner runs it, and only some of what lies in it is ours. @default it is ours */
  readonly existing?: ExistingVault;
}

/** A Vault that was there before. */
export interface ExistingVault {
  /** The container that it runs in. @default not known: it may run anywhere */
  readonly container?: string;
}

/** Files of the host, PEM, by absolute paths. None of their content is in the declaration. */
export interface VaultTlsFiles {
  /** What Vault serves, with its intermediates. It names 127.0.0.1 as an IP address. */
  readonly certificateFile: string;
  /** Its private key, without a passphrase. */
  readonly keyFile: string;
  /** What vouches for the certificate: a certificate authority, or a self-signed certificate itself. */
  readonly caFile: string;
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
  readonly port: number;
  /** The files with which a Vault of its own serves by TLS. @default it serves plain HTTP */
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
 * @param home the instance home, absolute
 * @param userHome the user's home folder, under which OpenClaw's folder lies by default
 */
export function deployment(instance: string, given: Settings, home: string, userHome: string): Deployment {
  const { models, replaced } = presentModels(given.models);
  const settings = { ...given, models };
  const isSandbox = instance === sandboxInstance;
  const suffix = instance === defaultInstance ? "" : `-${instance}`;
  const container = isSandbox ? sandbox.container : (settings.vault.container ?? `vault${suffix}`);
  const port = isSandbox ? sandbox.vaultPort : settings.vault.port;
  const tls = tlsOf(settings.vault.tls, homePaths(home));
  const own = {
    address: vaultAddress(port, tls !== undefined),
    ...(tls ? { caFile: tls.caFile } : {}),
  };
  return {
    instance,
    home: homePaths(home),
    settings,
    container,
    dataVolume: `${container}-data`,
    homeVolume: `${container}-home`,
    port,
    ...(tls ? { tls } : {}),
    ...(existingPlace(settings.vault) ?? own),
    baseUrl: isSandbox ? `http://127.0.0.1:${settings.sandbox.port}/api/v1` : settings.openrouter.baseUrl,
    openclawFolder: isSandbox
      ? join(home, "openclaw")
      : (settings.openclaw.folder ?? join(userHome, `.openclaw${suffix}`)),
    replacedModels: replaced,
  };
}

/** Those that are made in the home, where the settings name none. */
export function madeTls({ madeTls }: HomePaths): VaultTlsFiles {
  const certificateFile = join(madeTls, "certificate.pem");
  return { certificateFile, keyFile: join(madeTls, "key.pem"), caFile: certificateFile };
}

/** Those that the settings name, or those of the home where they are made here. */
function tlsOf(tls: Settings["vault"]["tls"], home: HomePaths): VaultTlsFiles | undefined {
  if (!tls) return undefined;
  const { certificateFile = "", keyFile = "", caFile = "" } = tls.make ? madeTls(home) : tls;
  return { certificateFile, keyFile, caFile };
}

function existingPlace({ address, caFile, container }: Settings["vault"]): VaultPlace | undefined {
  return address === undefined
    ? undefined
    : { address, ...(caFile ? { caFile } : {}), existing: container ? { container } : {} };
}
