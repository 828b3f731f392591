import { hostNames } from "../../model/hosts";
import { guideNames } from "../../model/vault/vault-names";
import type { VaultClient } from "../client";
import { readTokens } from "../identities/tokens";
import { revokeAccessor } from "./evict-host";

/**
 * Ends the invitations that are open in restored data: one that was used since the backup is unused there again, and whoever kept
 * it could take the host's credential. Credentials that hosts have stay.
 * @param root may list and revoke tokens
 */
export async function closeInvitations(root: VaultClient): Promise<void> {
  const { role } = hostNames(guideNames, "");
  const isInvitation = (path = "") =>
    path.startsWith(`auth/approle/role/${role}`) && path.endsWith("/secret-id");
  for (const { accessor, policies, path } of await readTokens(root)) {
    if (policies.includes("response-wrapping") && isInvitation(path)) await revokeAccessor(root, accessor);
  }
}
