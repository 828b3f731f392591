import { UserError } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { deployedRecord } from "../../store/deployed-record";

/** @throws UserError where the settings name another image than was deployed last: that is to be done with a way back */
export function requireSameImage({ home, settings, external }: Deployment): void {
  const deployed = imageDeployed(home);
  const { image } = settings.vault;
  if (external || deployed === undefined || deployed === image) return;
  throw new UserError({
    problem: "The settings name another image of Vault than the one that is deployed.",
    got: image,
    expected: deployed,
    fix: "openclaw-openrouter vault upgrade\nwhich backs Vault up first, and puts the old image and data back where the new one does not do.",
  });
}

/** The image that was deployed last, as the settings named it; undefined where none was. */
export function imageDeployed(home: Deployment["home"]): string | undefined {
  const vault = deployedRecord.read(home)?.settings?.vault as { image?: unknown } | undefined;
  return typeof vault?.image === "string" ? vault.image : undefined;
}
