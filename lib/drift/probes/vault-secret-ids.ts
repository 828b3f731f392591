import { identities, identityNames } from "../../model/identities";
import { secretIdAccessors } from "../../vault/write-identities";
import { drift, type Probe } from "../finding";

/** Whether somebody else can log in as one of our identities: each has one secret id, which lies in the instance home. */
export const vaultSecretIds: Probe = {
  id: "vault.secret-ids",
  async look(context) {
    const auditor = await context.auditor();
    const found = await Promise.all(
      identityNames.map(async (name) => {
        const { role } = identities[name];
        const { length } = await secretIdAccessors(auditor, identities[name]);
        // That there is none, or another one, is found by logging in.
        if (length <= 1) return [];
        return [
          drift({
            id: `vault.secret-ids:${role}`,
            severity: "critical",
            subject: `role ${role}`,
            seen: `Others can log in as the ${name}: secret ids were made that are not ours`,
            field: "secret-id",
            declared: "1",
            found: String(length),
            mend: context.renewal,
          }),
        ];
      }),
    );
    return found.flat();
  },
};
