import { UserError } from "../core/errors";
import type { EngineApi } from "../docker/engine-api";
import { withEphemeral } from "../docker/ephemeral";
import { homeFolder, vaultUserName, writeHomeFiles } from "../docker/home-files";
import { ensureVolume, removeVolume } from "../docker/volumes";
import type { Deployment } from "../model/deployment";
import { sealOf } from "../model/seal";
import { readSealFiles } from "../vault/place-seal";
import type { Manifest } from "./manifest";

/** Where the configuration lies of what unseals a Vault; nowhere if shares do. */
export interface SealVolume {
  readonly sealVolume?: string;
}

/** By it the volume is known that a run makes for a temporary Vault. */
const ofNoInstance = "temporary";

/**
 * Does something with a volume of its own that holds the configuration of the seal that the settings name: nothing is written
 * to the instance's. Removes it afterwards.
 */
export async function withSealVolume<T>(
  { container, settings }: Deployment,
  { engine, image }: { readonly engine: EngineApi; readonly image: string },
  work: (volume: SealVolume) => Promise<T>,
): Promise<T> {
  const seal = sealOf(settings.vault.seal);
  if (!seal) return work({});
  const files = readSealFiles(seal);
  const volumes = { engine, image, instanceId: ofNoInstance };
  const sealVolume = `${container}-temporary-seal`;
  try {
    await ensureVolume(volumes, sealVolume);
    const place = { image, mounts: [{ volume: sealVolume, target: homeFolder }], user: vaultUserName };
    await withEphemeral(engine, place, (id) => writeHomeFiles(engine, id, files));
    return await work({ sealVolume });
  } finally {
    await removeVolume(volumes, sealVolume);
  }
}

/** @throws UserError if the settings name another seal than the backup says that its Vault had */
export function requireSameSeal({ settings }: Deployment, { vault }: Manifest): void {
  if (vault.seal === settings.vault.seal.type) return;
  throw new UserError({
    problem: "The backup is of a Vault that another seal opens than the settings name. Nothing was changed.",
    got: `a backup with the seal ${vault.seal}`,
    expected: settings.vault.seal.type,
    fix: `Set \`vault.seal\` to ${vault.seal} for the restore, and change it afterwards.`,
  });
}
