import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { hostPlatform } from "../host/platform";
import { readTextIfThere } from "../instance/files";

/** Which versions of its providers a stack uses, and their checksums: Terraform's, in the stack's folder. */
export const lockFile = ".terraform.lock.hcl";

/** How the programs of providers are named. */
export const providerPrefix = "terraform-provider-";

/** A provider as Terraform has installed it. */
export interface InstalledProvider {
  /** As in "registry.terraform.io/hashicorp/vault". */
  readonly address: string;
  readonly executable: string;
}

/** Those that a stack's lock names, where they are installed: one of a development override is not in it. */
export function installedProviders(folder: string, dataFolder: string): InstalledProvider[] {
  const { os, arch } = hostPlatform();
  // A stack without providers has none.
  const lock = readTextIfThere(join(folder, lockFile)) ?? "";
  return [...lock.matchAll(/^provider "(.+)" \{\n *version *= "(.+)"/gm)].flatMap(
    ([, address = "", version = ""]) => {
      const installed = join(dataFolder, "providers", address, version, `${os}_${arch}`);
      if (!existsSync(installed)) return [];
      return readdirSync(installed)
        .filter((name) => name.startsWith(providerPrefix))
        .map((name) => ({ address, executable: realpathSync(join(installed, name)) }));
    },
  );
}
