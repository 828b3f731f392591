import { identitiesOf, identityNames } from "../../model/vault/identities";
import { secretIdAccessors } from "../../vault/identities/write-identities";
import { drift } from "../finding";
import { probe } from "../probe";

/** Inspects that each identity has only one secret id, the one in the instance directory. */
export const vaultSecretIds = probe("vault.secret-ids", async (context) => {
  const auditor = await context.auditor();
  const identities = identitiesOf(context.deployed);
  return Promise.all(
    identityNames.map(async (name) => {
      const { role } = identities[name];
      const { length } = await secretIdAccessors(auditor, identities[name]);
      // The probe `credentials` finds a missing or replaced secret id by logging in.
      return (
        length > 1 &&
        drift(`vault.secret-ids:${role}`, "critical", `role ${role}`, {
          summary: `Others can log in as the ${name}: it has unmanaged secret ids`,
          compared: ["1", String(length), "secret-id"],
          fix: context.renewal,
        })
      );
    }),
  );
});
