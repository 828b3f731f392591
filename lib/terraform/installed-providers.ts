import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { readTextIfThere } from "../core/files/files";
import { hostPlatform } from "../core/system/platform";

/** Terraform's dependency lock file in the stack's folder: the versions and checksums of the stack's providers. */
export const lockFile = ".terraform.lock.hcl";

/** The prefix of the names of provider programs. */
export const providerPrefix = "terraform-provider-";

/** A provider that Terraform has installed. */
interface InstalledProvider {
  /** Such as "registry.terraform.io/hashicorp/vault". */
  readonly address: string;
  readonly executable: string;
  /** The path below Terraform's folder of providers. */
  readonly installed: string;
}

/** The addresses of all providers in a stack's lock file. */
export function lockedProviders(folder: string): string[] {
  const lock = readTextIfThere(join(folder, lockFile)) ?? "";
  return [...lock.matchAll(/^provider "(.+)" \{$/gm)].map(([, address = ""]) => address);
}

/** The installed providers of a stack's lock file. A provider of a development override is not in it. */
export function installedProviders(folder: string, dataFolder: string): InstalledProvider[] {
  const { os, arch } = hostPlatform();
  // A stack without providers has no lock file.
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
