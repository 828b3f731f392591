import { identitiesOf } from "../../model/vault/identities";
import { operatorPolicyName } from "../../model/vault/policies";
import { readHosts } from "../../store/records/hosts-record";
import { ifRefused, type VaultClient } from "../../vault/client";
import { probe } from "../probe";

/** The policies that Vault itself creates. */
const builtIn = ["default", "root", "hcp-root"];

/** Lists the unmanaged secrets, by their names at the top of `secret/`, and the unmanaged policies. */
export const vaultOthers = probe("vault.others", async (context) => {
  const auditor = await context.auditor();
  const [secrets, policies] = await Promise.all([
    list(auditor, "secret/metadata/"),
    list(auditor, "sys/policies/acl"),
  ]);
  // A folder of this name holds the keys of other instances and hosts.
  const keyName = auditor.keyPath.split("/")[1] ?? "";
  const ours = [...builtIn, ...Object.values(identitiesOf(context.deployed)).map(({ role }) => role)];
  ours.push(...readHosts(context.home).hosts.map(({ role }) => role));
  if (!context.deployed.external) ours.push(operatorPolicyName);
  return [
    ...secrets
      .filter((name) => name !== keyName && name !== `${keyName}/`)
      .map((name) => `secret secret/${name}`),
    ...policies.filter((name) => !ours.includes(name)).map((name) => `policy ${name}`),
  ].map((what) => context.unmanaged(what));
});

/** None if the auditor's policy was changed, which is a finding of its own. */
function list(auditor: VaultClient, path: string): Promise<string[]> {
  return auditor.list(path).catch(ifRefused(403, () => []));
}
