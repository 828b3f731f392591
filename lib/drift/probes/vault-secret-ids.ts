import { identities, identityNames } from "../../model/identities";
import { secretIdAccessors } from "../../vault/identities/write-identities";
import { drift } from "../finding";
import type { Probe } from "../probe";

/** Whether somebody else can log in as one of our identities: each has one secret id, which lies in the instance directory. */
export const vaultSecretIds: Probe = {
  id: "vault.secret-ids",
  async inspect(context) {
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
            summary: `Others can log in as the ${name}: secret ids were made that are not ours`,
            field: "secret-id",
            expected: "1",
            actual: String(length),
            fix: context.renewal,
          }),
        ];
      }),
    );
    return found.flat();
  },
};
