import { join } from "node:path";
import type { Settings } from "../settings";
import { type HomePaths, homePaths } from "./home-paths";

/** The instance without an account, and the one that follows the guide. */
export const sandboxInstance = "sandbox";
export const defaultInstance = "default";

/** The sandbox's own places: other than anybody's, so that trying it out touches nothing. */
export const sandbox = { vaultPort: 18200, openrouterPort: 18201 } as const;

/** One instance with every name and path worked out: what declaration and run time both start from. */
export interface Deployment {
  readonly instance: string;
  readonly home: HomePaths;
  readonly settings: Settings;
  readonly container: string;
  readonly dataVolume: string;
  readonly homeVolume: string;
  readonly port: number;
  /** Vault's address, as the host reaches it. */
  readonly address: string;
  /** OpenRouter's base URL: the local one for the sandbox. */
  readonly baseUrl: string;
  readonly openclawFolder: string;
}

/**
 * @param home the instance home, absolute
 * @param userHome the user's home folder, under which OpenClaw's folder lies by default
 */
export function deployment(instance: string, settings: Settings, home: string, userHome: string): Deployment {
  const isSandbox = instance === sandboxInstance;
  const suffix = instance === defaultInstance ? "" : `-${instance}`;
  const container = isSandbox ? "openclaw-sandbox-vault" : (settings.vault.container ?? `vault${suffix}`);
  const port = isSandbox ? sandbox.vaultPort : settings.vault.port;
  return {
    instance,
    home: homePaths(home),
    settings,
    container,
    dataVolume: `${container}-data`,
    homeVolume: `${container}-home`,
    port,
    address: `http://127.0.0.1:${port}`,
    baseUrl: isSandbox ? `http://127.0.0.1:${sandbox.openrouterPort}/api/v1` : settings.openrouter.baseUrl,
    openclawFolder: isSandbox
      ? join(home, "openclaw")
      : (settings.openclaw.folder ?? join(userHome, `.openclaw${suffix}`)),
  };
}
