import { UserError } from "../errors";
import type { Deployment } from "../model/deployment";
import type { Manifest } from "./manifest";

/**
 * A snapshot is put in by people's shares: what a service unseals needs that service for it, and a Vault on its network.
 * @throws UserError where the backup's Vault, or the instance's, is unsealed by something else
 */
export function requireSharesSeal({ vault }: Manifest, { settings, instance }: Deployment): void {
  const other = [vault.seal, settings.vault.seal.type].find((seal) => seal !== "shamir");
  if (other === undefined) return;
  throw new UserError({
    problem: `What ${other} unseals is not restored by this program. Nothing was changed.`,
    got: `a backup of a Vault with the seal ${vault.seal}, for an instance with ${settings.vault.seal.type}`,
    expected: "shamir, people's shares, for both",
    remedy: `While the service answers: take \`vault.seal\` out of the settings, then npx openclaw-openrouter migrate-seal --instance ${instance}, and make a backup.\nA backup of before is restored by hand: vault operator raft snapshot restore -force, into an empty Vault with the same seal.`,
  });
}
