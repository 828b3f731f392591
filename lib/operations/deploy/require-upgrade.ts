import { UserError } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { deployedRecord } from "../../store/deployed-record";

/** @throws UserError if the settings name another image than the deployed one: only an upgrade can roll a new image back */
export function requireSameImage({ home, settings, external }: Deployment): void {
  const deployed = imageDeployed(home);
  const { image } = settings.vault;
  if (external || deployed === undefined || deployed === image) return;
  throw new UserError({
    problem: "The settings name another image of Vault than the one that is deployed.",
    got: image,
    expected: deployed,
    fix: "openclaw-openrouter vault upgrade\nwhich backs Vault up first, and restores the old image and data if the new image fails.",
  });
}

/** The last deployed image, as the settings named it; undefined if there is none. */
export function imageDeployed(home: Deployment["home"]): string | undefined {
  const vault = deployedRecord.read(home)?.settings?.vault as { image?: unknown } | undefined;
  return typeof vault?.image === "string" ? vault.image : undefined;
}
