import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeOnce } from "../core/files/make-once";
import { sha256 } from "../core/fingerprint";
import { cacheRoot } from "../core/system/cache-root";
import { declaredAddresses, registries } from "../model/declared-providers";
import { type Bundle, partFolder } from "./bundle";
import { bundleParts, type PartName } from "./bundle-parts";

/** The providers' addresses and the parts that contain them. */
export const providerParts: Readonly<Record<string, PartName>> = {
  "kreuzwerker/docker": "provider-docker",
  "hashicorp/vault": "provider-vault",
  "hashicorp/local": "provider-local",
};

/**
 * Links the bundle's providers into a filesystem mirror for Terraform, and writes a CLI configuration file that allows only
 * these providers, from this mirror. Both are in the cache root, since the bundle's folder can be read-only.
 * @param userConfig The user's own CLI configuration, which comes first: for example credentials of a backend.
 * @returns the path for `TF_CLI_CONFIG_FILE`
 */
export async function bundleCliConfig(
  bundle: Bundle,
  userConfig = "",
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const folders = Object.values(providerParts).map((part) => partFolder(bundle, part));
  const digest = sha256(JSON.stringify([folders, userConfig, "and no other provider"])).slice(0, 12);
  const mirror = join(cacheRoot(env), "mirror", digest);
  const file = join(mirror, "terraform.tfrc");
  if (existsSync(file)) return file;
  await makeOnce(mirror, async (folder) => {
    for (const registry of Object.values(registries)) {
      for (const [source, part] of Object.entries(providerParts)) {
        const version = join(folder, "providers", registry, source, bundleParts[part].version);
        await mkdir(version, { recursive: true });
        await symlink(
          partFolder(bundle, part),
          join(version, `${bundle.platform.os}_${bundle.platform.arch}`),
        );
      }
    }
    // It can hold the user's credentials.
    await writeFile(join(folder, "terraform.tfrc"), cliConfig(join(mirror, "providers"), userConfig), {
      mode: 0o600,
    });
  });
  return file;
}

/**
 * Writes a CLI configuration for Terraform to a file.
 * @returns the path for `TF_CLI_CONFIG_FILE`
 */
export async function keptCliConfig(text: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const digest = sha256(text).slice(0, 12);
  const folder = join(cacheRoot(env), "mirror", digest);
  // It can hold the user's credentials.
  await makeOnce(folder, (draft) => writeFile(join(draft, "terraform.tfrc"), text, { mode: 0o600 }));
  return join(folder, "terraform.tfrc");
}

/** The folder of the mirror that a file of {@link bundleCliConfig} names. */
export function mirrorFolder(cliConfigFile: string): string {
  return join(dirname(cliConfigFile), "providers");
}

function cliConfig(folder: string, userConfig: string): string {
  const addresses = [...declaredAddresses].map((address) => JSON.stringify(address));
  const list = `[\n      ${addresses.join(",\n      ")},\n    ]`;
  return [
    userConfig.trim() || "disable_checkpoint = true",
    "",
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(folder)}`,
    `    include = ${list}`,
    "  }",
    "}",
    "",
  ].join("\n");
}
