import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "./cache-root";
import { kitParts, type PartName, partKey, partNames } from "./kit-parts";
import { packageRoot } from "./package-root";
import { hostPlatform, type Platform } from "./platform";

/** Providers, Vault and OpenTofu built from the Go modules of `kit/`, each in a folder named by what it is made of. */
export interface Kit {
  /** Where the built parts lie. */
  readonly folder: string;
  /** Where the Go modules lie. */
  readonly sources: string;
  readonly platform: Platform;
}

export interface KitOptions {
  /** @default `kit` in the package */
  readonly sources?: string;
  /** Of the machine that the parts are for. @default this one's */
  readonly arch?: Platform["arch"];
  /** @default that of the process */
  readonly env?: NodeJS.ProcessEnv;
}

/** The kit of this host, or of one of another architecture; nothing is built by this. */
export function openKit(options: KitOptions = {}): Kit {
  return {
    folder: join(cacheRoot(options.env), "kit"),
    sources: options.sources ?? join(packageRoot(), "kit"),
    platform: options.arch ? { ...hostPlatform(), arch: options.arch } : hostPlatform(),
  };
}

/** The folder of a part, whether it is there or not. */
export function partFolder(kit: Kit, name: PartName): string {
  return join(kit.folder, partKey(kit.sources, name, kit.platform));
}

/** The program of a part, whether it is there or not. */
export function partFile(kit: Kit, name: PartName): string {
  return join(partFolder(kit, name), kitParts[name].file);
}

/** Those of the parts that are not built yet. */
export function missingParts(kit: Kit, names: readonly PartName[] = partNames): PartName[] {
  return names.filter((name) => !existsSync(partFolder(kit, name)));
}
