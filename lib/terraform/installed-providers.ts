import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { readTextIfThere } from "../core/files/files";
import { hostPlatform } from "../core/platform";

/** Which versions of its providers a stack uses, and their checksums: Terraform's, in the stack's folder. */
export const lockFile = ".terraform.lock.hcl";

/** How the programs of providers are named. */
export const providerPrefix = "terraform-provider-";

/** A provider as Terraform has installed it. */
export interface InstalledProvider {
  /** As in "registry.terraform.io/hashicorp/vault". */
  readonly address: string;
  readonly executable: string;
  /** Its place below Terraform's folder of providers. */
  readonly installed: string;
}

/** The addresses of all providers that a stack's lock names. */
export function lockedProviders(folder: string): string[] {
  const lock = readTextIfThere(join(folder, lockFile)) ?? "";
  return [...lock.matchAll(/^provider "(.+)" \{$/gm)].map(([, address = ""]) => address);
}

/** Those that a stack's lock names, where they are installed: one of a development override is not in it. */
export function installedProviders(folder: string, dataFolder: string): InstalledProvider[] {
  const { os, arch } = hostPlatform();
  // A stack without providers has none.
  const lock = readTextIfThere(join(folder, lockFile)) ?? "";
  return [...lock.matchAll(/^provider "(.+)" \{\n *version *= "(.+)"/gm)].flatMap(
    ([, address = "", version = ""]) => {
      const installed = join(address, version, `${os}_${arch}`);
      const folder = join(dataFolder, "providers", installed);
      if (!existsSync(folder)) return [];
      return readdirSync(folder)
        .filter((name) => name.startsWith(providerPrefix))
        .map((name) => ({ address, executable: realpathSync(join(folder, name)), installed }));
    },
  );
}
