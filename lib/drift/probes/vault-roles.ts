import { identities, identityNames } from "../../model/identities";
import { compareRole } from "../../vault/identities/compare-identities";
import { drift, type Finding, type Fix } from "../finding";
import type { Probe } from "../probe";

/** Compares the roles with which deployer, reader and auditor log in. */
export const vaultRoles: Probe = {
  id: "vault.roles",
  async inspect(context) {
    const auditor = await context.auditor();
    const fix = context.renewal;
    const found = await Promise.all(
      identityNames.map(async (name) => {
        const { role } = identities[name];
        const explains = `plan.vault_approle_auth_backend_role.*${name}-role*`;
        const differences = await compareRole(auditor, identities[name]);
        if (!differences) return [gone(role, explains, fix)];
        return differences.map(({ field, expected, actual }) =>
          drift({
            id: `vault.role:${role}:${field}`,
            severity: field === "token_policies" || field === "bind_secret_id" ? "critical" : "major",
            subject: `role ${role}`,
            summary: `${field} of the role ${role} differs from the deployed value`,
            field,
            expected,
            actual,
            fix,
            explains: [`${explains}:${field}`],
          }),
        );
      }),
    );
    return found.flat();
  },
};

function gone(role: string, explains: string, fix: Fix): Finding {
  return drift({
    id: `vault.role:${role}`,
    severity: "critical",
    subject: `role ${role}`,
    summary: `The role ${role} is gone: nobody can log in with it`,
    expected: "there",
    actual: "gone",
    fix,
    explains: [explains, `credentials.${role.replace("openclaw-", "")}`],
  });
}
