import { createReadStream } from "node:fs";
import { defined } from "../core/defined";
import type { Progress } from "../core/progress";
import type { Deployment } from "../model/deployment";
import type { ContainerHost } from "../session/prepare";
import type { VaultClient } from "../vault/client";
import { initParameters } from "../vault/initialize";
import { initAnswer } from "../vault/schemas";
import { restoreSnapshot } from "../vault/snapshot";
import { unseal } from "../vault/unseal";
import { waitUntilActive } from "../vault/wait";
import { type EphemeralVault, withEphemeralVault } from "./ephemeral-vault";
import type { OpenBackup } from "./open-backup";
import { requireVaultVersion } from "./require-version";
import { withSealVolume } from "./seal-volume";

/** Where a backup is restored only to read it. */
export interface RestoreOn {
  /** The deployment on this host. Its settings, not the backup's, name the seal. */
  readonly deployment: Deployment;
  readonly instanceId: string;
  /** The engine, and Vault's image on it. */
  readonly host: Pick<ContainerHost, "engine" | "image">;
  readonly progress: Progress;
}

/**
 * Runs an ephemeral Vault with a backup's data during some work.
 * @param unsealIt as {@link restoreInto} has it
 * @throws UserError if the image has an older Vault than the backup
 */
export function withRestored<T>(
  { deployment, instanceId, host, progress }: RestoreOn,
  { archive, snapshot }: OpenBackup,
  unsealIt: RestoreIntoOptions["unsealIt"],
  work: (client: VaultClient) => Promise<T>,
): Promise<T> {
  const [engine, image] = [host.engine.api, host.image.reference];
  return withSealVolume(deployment, { engine, image }, ({ sealVolume }) => {
    const name = `${deployment.container}-ephemeral`;
    return withEphemeralVault(
      engine,
      { name, image, instanceId, ...defined({ sealVolume }) },
      async (vault) => {
        await requireVaultVersion(vault.client, archive.manifest);
        const unsealsItself = sealVolume !== undefined;
        return work(await restoreInto(vault, { snapshot, unsealsItself, unsealIt, progress }));
      },
    );
  });
}

interface RestoreIntoOptions {
  /** The file of Vault's snapshot. */
  readonly snapshot: string;
  /** Whether a service unseals it. */
  readonly unsealsItself: boolean;
  /** Unseals it with the shares of the snapshot. Not called for a Vault that unseals itself. */
  readonly unsealIt: (vault: VaultClient) => Promise<unknown>;
  readonly progress: Progress;
}

/**
 * Restores a snapshot into an empty Vault, which is unsealed and active afterwards. The restore requires an initialized Vault:
 * it uses one share, held in memory only. The restart makes Vault require the snapshot's shares instead of that one.
 */
export async function restoreInto(vault: EphemeralVault, options: RestoreIntoOptions): Promise<VaultClient> {
  const { snapshot, unsealsItself, unsealIt, progress } = options;
  const { client } = vault;
  progress("initializing a temporary Vault");
  const body = initParameters({ shares: 1, threshold: 1, unsealsItself });
  const answer = await client.submit("sys/init", body, initAnswer, "PUT");
  if (unsealsItself) await waitUntilActive(client);
  else await unseal(client, { shares: answer.keys_base64, threshold: 1 });
  progress("restoring the snapshot");
  await restoreSnapshot(client.withToken(answer.root_token), createReadStream(snapshot));
  await vault.restart();
  if (!unsealsItself) {
    progress("unsealing it with the original shares");
    await unsealIt(client);
  }
  await waitUntilActive(client);
  return client;
}
