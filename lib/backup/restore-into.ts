import { createReadStream } from "node:fs";
import type { Progress } from "../progress";
import type { VaultClient } from "../vault/client";
import { initParameters } from "../vault/initialize";
import { initAnswer } from "../vault/schemas";
import type { KeyShares } from "../vault/shares-file";
import { restoreSnapshot } from "../vault/snapshot";
import { unseal } from "../vault/unseal";
import { waitUntilActive } from "../vault/wait";
import type { Manifest } from "./manifest";
import type { ThrowAwayVault } from "./throw-away-vault";

export interface RestoreIntoOptions {
  readonly manifest: Manifest;
  /** The file of Vault's snapshot. */
  readonly snapshot: string;
  /** The shares that open what is in it. */
  readonly shares: KeyShares;
  readonly progress: Progress;
}

/**
 * Puts a snapshot into an empty Vault, which is unsealed and active then. To take one it must be initialised, with shares that
 * lie in memory only and end with that; as many as the snapshot's own Vault has, since it would not be unsealed with the
 * original ones otherwise.
 */
export async function restoreInto(vault: ThrowAwayVault, options: RestoreIntoOptions): Promise<VaultClient> {
  const { manifest, snapshot, shares, progress } = options;
  const { client } = vault;
  const unsealsItself = manifest.vault.seal !== "shamir";
  progress("initialising a temporary Vault");
  const answer = await client.call(
    { method: "PUT", path: "sys/init", body: initParameters({ ...manifest.vault, unsealsItself }) },
    initAnswer,
  );
  if (unsealsItself) await waitUntilActive(client);
  else await unseal(client, { shares: answer.keys_base64, threshold: manifest.vault.threshold });
  progress("putting the snapshot into it");
  await restoreSnapshot(client.withToken(answer.root_token), createReadStream(snapshot), true);
  await vault.restart();
  if (unsealsItself) {
    await waitUntilActive(client);
    return client;
  }
  progress("unsealing it with the original shares");
  await unseal(client, shares);
  return client;
}
