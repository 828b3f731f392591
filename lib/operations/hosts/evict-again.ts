import type { Deployment } from "../../model/deployment";
import { readHosts } from "../../store/records/hosts-record";
import type { VaultClient } from "../../vault/client";
import { evictHost, roleIdOf } from "../../vault/hosts/evict-host";
import { withUnrecordedRootToken } from "../../vault/identities/root-session";
import type { KeyShares } from "../../vault/shares/shares-file";

/**
 * Applies this instance's recorded evictions to restored data, before anybody is served: an older snapshot still has what was
 * taken away.
 * @param vault the Vault with the restored data, unsealed
 * @returns the roles that were taken away again
 */
export async function evictAgain(
  { home }: Pick<Deployment, "home">,
  vault: VaultClient,
  shares: KeyShares,
): Promise<readonly string[]> {
  const { evicted } = readHosts(home);
  if (evicted.length === 0) return [];
  return withUnrecordedRootToken(vault, shares, async (root) => {
    const again: string[] = [];
    for (const { role, roleId } of evicted) {
      // A host that was invited again since has a role with another id.
      if ((await roleIdOf(root, role)) !== roleId) continue;
      await evictHost(root, { role });
      again.push(role);
    }
    return again;
  });
}
