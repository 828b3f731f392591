import { UserError } from "../core/errors";
import { compareVersions } from "../core/version";
import type { VaultClient } from "../vault/client";
import { readSealStatus } from "../vault/wait";
import type { Manifest } from "./manifest";

/** @throws UserError if a Vault is older than the backup's, whose data it may be unable to read */
export async function requireVaultVersion(vault: VaultClient, { vault: of }: Manifest): Promise<void> {
  const { version } = await readSealStatus(vault);
  if (compareVersions(version, of.version) >= 0) return;
  throw new UserError({
    problem: "The backup is of a newer Vault than the image here. Nothing was changed.",
    got: `Vault ${version}`,
    expected: `Vault ${of.version} or newer`,
    fix: "Set `vault.image` in the settings to a newer image.",
  });
}
