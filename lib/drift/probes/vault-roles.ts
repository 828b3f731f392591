import { identities, identityNames } from "../../model/identities";
import { compareRole } from "../../vault/compare-identities";
import { drift, type Finding, type Mend, type Probe } from "../finding";

/** The roles by which deployer, reader and auditor log in. */
export const vaultRoles: Probe = {
  id: "vault.roles",
  async look(context) {
    const auditor = await context.auditor();
    const mend = context.renewal;
    const found = await Promise.all(
      identityNames.map(async (name) => {
        const { role } = identities[name];
        const explains = `plan.vault_approle_auth_backend_role.*${name}-role*`;
        const differences = await compareRole(auditor, identities[name]);
        if (!differences) return [gone(role, explains, mend)];
        return differences.map(({ field, expected, actual }) =>
          drift({
            id: `vault.role:${role}:${field}`,
            severity: field === "token_policies" || field === "bind_secret_id" ? "critical" : "major",
            subject: `role ${role}`,
            seen: `${field} of the role ${role} is another one than was deployed`,
            field,
            declared: expected,
            found: actual,
            mend,
            explains: [`${explains}:${field}`],
          }),
        );
      }),
    );
    return found.flat();
  },
};

function gone(role: string, explains: string, mend: Mend): Finding {
  return drift({
    id: `vault.role:${role}`,
    severity: "critical",
    subject: `role ${role}`,
    seen: `The role ${role} is gone: nobody can log in by it`,
    declared: "there",
    found: "gone",
    mend,
    explains: [explains, `credentials.${role.replace("openclaw-", "")}`],
  });
}
