import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../core/system/cache-root";
import { packageRoot } from "../core/system/package-root";
import { hostPlatform, type Platform } from "../core/system/platform";
import { bundleParts, type PartName, partKey, partNames } from "./bundle-parts";

/** Providers, Vault and OpenTofu built from the Go modules of `bundle/`, each in a folder named by a digest of its sources. */
export interface Bundle {
  /** The folder of the built parts. */
  readonly folder: string;
  /** The folder of the Go modules. */
  readonly sources: string;
  readonly platform: Platform;
}

interface BundleOptions {
  /** @default `bundle` in the package */
  readonly sources?: string;
  /** The architecture of the machine that the parts are for. @default this machine's */
  readonly arch?: Platform["arch"];
  /** @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
}

/** The bundle for this host, or for another architecture. Builds nothing. */
export function openBundle(options: BundleOptions = {}): Bundle {
  return {
    folder: join(cacheRoot(options.env), "bundle"),
    sources: options.sources ?? join(packageRoot(), "bundle"),
    platform: options.arch ? { ...hostPlatform(), arch: options.arch } : hostPlatform(),
  };
}

/** The folder of a part, built or not. */
export function partFolder(bundle: Bundle, name: PartName): string {
  return join(bundle.folder, partKey(bundle.sources, name, bundle.platform));
}

/** The program of a part, built or not. */
export function partFile(bundle: Bundle, name: PartName): string {
  return join(partFolder(bundle, name), bundleParts[name].file);
}

/** The parts that are not built yet. */
export function missingParts(bundle: Bundle, names: readonly PartName[] = partNames): PartName[] {
  return names.filter((name) => !existsSync(partFolder(bundle, name)));
}
