import { UserError } from "../errors";
import type { Deployment } from "../model/deployment";
import type { Archive } from "./archive";

/**
 * Where the configuration lies of what unseals a backup's Vault: on the instance's own home volume; nowhere where shares do.
 * @throws UserError where the settings name another seal than the backup's Vault had
 */
export function sealVolumeOf(
  { homeVolume, settings }: Deployment,
  { manifest }: Pick<Archive, "manifest">,
): { readonly sealVolume?: string } {
  const { seal } = manifest.vault;
  if (seal !== settings.vault.seal.type) {
    throw new UserError({
      problem:
        "The backup is of a Vault that another seal opens than the settings name. Nothing was changed.",
      got: `a backup with the seal ${seal}`,
      expected: settings.vault.seal.type,
      remedy: `Set \`vault.seal\` to ${seal} for the restore, and change it afterwards.`,
    });
  }
  return seal === "shamir" ? {} : { sealVolume: homeVolume };
}
