import { type Identity, identities } from "../model/identities";
import { type VaultClient, VaultFailure } from "./client";
import { policyAnswer } from "./schemas";

/**
 * Whether the deployer's policy is another one than this version needs: of an earlier version, or changed by hand. Terraform
 * mends those of reader and auditor, but not the one by which it works itself.
 * @param auditor who may read it
 * @param declared the deployer of the kind of Vault that it is
 */
export async function isDeployerOutdated(
  auditor: VaultClient,
  { role, policy }: Identity = identities.deployer,
): Promise<boolean> {
  try {
    const { data } = await auditor.call({ path: `sys/policies/acl/${role}` }, policyAnswer);
    return data.policy.trim() !== policy.trim();
  } catch (error) {
    // 403: the auditor's own policy is older than that. 404: it is gone.
    if (error instanceof VaultFailure && (error.status === 403 || error.status === 404)) return true;
    throw error;
  }
}
