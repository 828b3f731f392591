import { identities } from "../../model/identities";
import { operatorPolicyName } from "../../model/policies";
import { type VaultClient, VaultFailure } from "../../vault/client";
import type { Probe } from "../probe";

/** The policies that Vault itself creates. */
const builtIn = ["default", "root", "hcp-root"];

/** Lists the unmanaged secrets, by their names at the top of `secret/`, and the unmanaged policies. */
export const vaultOthers: Probe = {
  id: "vault.others",
  async inspect(context) {
    const auditor = await context.auditor();
    const [secrets, policies] = await Promise.all([
      list(auditor, "secret/metadata/"),
      list(auditor, "sys/policies/acl"),
    ]);
    const ours = Object.values(identities).map(({ role }) => role);
    if (!context.deployed.external) ours.push(operatorPolicyName);
    return [
      ...secrets
        .filter((name) => name !== "openrouter")
        .flatMap((name) => context.unmanaged(`secret secret/${name}`)),
      ...policies
        .filter((name) => !ours.includes(name) && !builtIn.includes(name))
        .flatMap((name) => context.unmanaged(`policy ${name}`)),
    ];
  },
};

async function list(auditor: VaultClient, path: string): Promise<string[]> {
  try {
    return await auditor.list(path);
  } catch (error) {
    // The auditor's policy was changed, which is a finding of its own.
    if (error instanceof VaultFailure && error.status === 403) return [];
    throw error;
  }
}
