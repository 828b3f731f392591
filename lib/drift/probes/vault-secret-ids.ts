import { inviteAgainFrom } from "../../model/hosts";
import { identitiesOf, identityNames } from "../../model/vault/identities";
import { type HostEntry, readHosts } from "../../store/records/hosts-record";
import { ifRefused, type VaultClient } from "../../vault/client";
import { secretIdAccessors } from "../../vault/identities/write-identities";
import { type DriftContext, notPermitted } from "../context";
import { drift, type Finding, type Fix } from "../finding";
import { probe } from "../probe";

/**
 * Inspects that each identity has only one secret id, the one in the instance directory, and each joined host only that of its
 * invitation.
 */
export const vaultSecretIds = probe("vault.secret-ids", async (context) => {
  const auditor = await context.auditor();
  const identities = identitiesOf(context.deployed);
  return [
    ...(await Promise.all(
      identityNames.map(async (name) => {
        const { role } = identities[name];
        // The probe `credentials` finds a missing or replaced secret id by logging in.
        return several(role, await secretIdAccessors(auditor, { role }), `the ${name}`, context.renewal);
      }),
    )),
    ...(await Promise.all(readHosts(context.home).hosts.map((host) => ofHost(context, auditor, host)))),
  ];
});

async function ofHost(context: DriftContext, auditor: VaultClient, host: HostEntry) {
  const { name, role } = host;
  const found = await secretIdAccessors(auditor, { role }).catch(
    ifRefused(403, () => {
      notPermitted(context, `vault.secret-ids: role ${role}`, "to list its secret ids");
      return [];
    }),
  );
  return several(role, found, `the host ${name}`, `${inviteAgainFrom(host)}  (the host then joins again)`);
}

function several(role: string, found: readonly string[], whom: string, fix: Fix | string): Finding | false {
  return (
    found.length > 1 &&
    drift(`vault.secret-ids:${role}`, "critical", `role ${role}`, {
      summary: `Others can log in as ${whom}: it has unmanaged secret ids`,
      compared: ["1", String(found.length), "secret-id"],
      fix,
    })
  );
}
