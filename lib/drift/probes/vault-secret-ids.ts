import { identities, identityNames } from "../../model/identities";
import { secretIdAccessors } from "../../vault/identities/write-identities";
import { drift } from "../finding";
import type { Probe } from "../probe";

/** Inspects that each identity has only one secret id, the one in the instance directory. */
export const vaultSecretIds: Probe = {
  id: "vault.secret-ids",
  async inspect(context) {
    const auditor = await context.auditor();
    const found = await Promise.all(
      identityNames.map(async (name) => {
        const { role } = identities[name];
        const { length } = await secretIdAccessors(auditor, identities[name]);
        // The probe `credentials` finds a missing or replaced secret id by logging in.
        if (length <= 1) return [];
        return [
          drift({
            id: `vault.secret-ids:${role}`,
            severity: "critical",
            subject: `role ${role}`,
            summary: `Others can log in as the ${name}: it has unmanaged secret ids`,
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
