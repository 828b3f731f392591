import { UserError } from "../errors";

/**
 * A snapshot is put in by people's shares: what a service unseals needs that service for it, and a Vault on its network.
 * @param seal of the backup's Vault, or of the instance that it is for
 * @throws UserError where that is something else
 */
export function requireSharesSeal(seal: string): void {
  if (seal === "shamir") return;
  throw new UserError({
    problem: `What ${seal} unseals is not restored by this program. Nothing was changed.`,
    expected: "a Vault that people's shares unseal, and a backup of one",
    remedy:
      "While the service answers: take `vault.seal` out of the settings, then npx openclaw-openrouter migrate-seal, and make a backup.\nA backup of before is restored by hand: vault operator raft snapshot restore -force, into an empty Vault with the same seal.",
  });
}
