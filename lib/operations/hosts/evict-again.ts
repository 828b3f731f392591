import type { Deployment } from "../../model/deployment";
import { readHosts } from "../../store/records/hosts-record";
import type { VaultClient } from "../../vault/client";
import { closeInvitations } from "../../vault/hosts/close-invitations";
import { evictHost, roleIdOf } from "../../vault/hosts/evict-host";
import { withUnrecordedRootToken } from "../../vault/identities/root-session";
import type { KeyShares } from "../../vault/shares/shares-file";

/**
 * Applies this instance's recorded evictions to restored data, before anybody is served: an older snapshot still has what was
 * taken away.
 * @param vault the Vault with the restored data, unsealed
 * @param closesInvitations whether the invitations that are open in the data end as well
 */
export async function evictAgain(
  { home }: Pick<Deployment, "home">,
  vault: VaultClient,
  shares: KeyShares,
  { closesInvitations = false } = {},
): Promise<void> {
  const { evicted } = readHosts(home);
  if (evicted.length === 0 && !closesInvitations) return;
  await withUnrecordedRootToken(vault, shares, async (root) => {
    if (closesInvitations) await closeInvitations(root);
    for (const { role, roleId } of evicted) {
      // A host that was invited again since has a role with another id.
      if ((await roleIdOf(root, role)) === roleId) await evictHost(root, { role });
    }
  });
}
