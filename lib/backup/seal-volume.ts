import { UserError } from "../core/errors";
import type { EngineApi } from "../docker/engine-api";
import { withEphemeral } from "../docker/ephemeral";
import { homeFolder, vaultUserName, writeHomeFiles } from "../docker/home-files";
import { ensureVolume, removeVolume } from "../docker/volumes";
import type { Deployment } from "../model/deployment";
import { sealOf } from "../model/vault/seal";
import { readSealFiles } from "../vault/container/place-seal";
import type { Manifest } from "./manifest";

/** The label of a volume that a run creates for an ephemeral Vault. */
const ofNoInstance = "temporary";

/**
 * Provides a temporary volume with the configuration of the settings' seal during some work, and removes it. The instance's own
 * volume stays unchanged.
 * @param work gets no volume if shares unseal Vault
 */
export async function withSealVolume<T>(
  { container, settings }: Deployment,
  { engine, image }: { readonly engine: EngineApi; readonly image: string },
  work: (volume: { readonly sealVolume?: string }) => Promise<T>,
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

/** @throws UserError if the settings name another seal than the backup's manifest */
export function requireSameSeal({ settings }: Deployment, { vault }: Manifest): void {
  if (vault.seal === settings.vault.seal.type) return;
  throw new UserError({
    problem: "The backup's Vault has another seal than the settings name. Nothing was changed.",
    got: `a backup with the seal ${vault.seal}`,
    expected: settings.vault.seal.type,
    fix: `Set \`vault.seal\` to ${vault.seal} for the restore, and change it afterwards.`,
  });
}
