import { identitiesOf, identityNames } from "../../model/vault/identities";
import { compareRole } from "../../vault/identities/compare-identities";
import { drift, gone } from "../finding";
import { probe } from "../probe";

/** Compares the roles with which deployer, reader and auditor log in. */
export const vaultRoles = probe("vault.roles", async (context) => {
  const auditor = await context.auditor();
  const identities = identitiesOf(context.deployed);
  return Promise.all(
    identityNames.map(async (name) => {
      const { role } = identities[name];
      const planned = `plan.vault_approle_auth_backend_role.*${name}-role*`;
      const [subject, fix] = [`role ${role}`, context.renewal];
      const differences = await compareRole(auditor, identities[name]);
      if (!differences)
        return gone(`vault.role:${role}`, "critical", subject, {
          fix,
          summary: `The role ${role} is gone: nobody can log in with it`,
          explains: [planned, `credentials.${name}`],
        });
      return differences.map((difference) => {
        const { field } = difference;
        const severity = ["token_policies", "bind_secret_id"].includes(field) ? "critical" : "major";
        return drift(`vault.role:${role}:${field}`, severity, subject, {
          ...difference,
          fix,
          summary: `${field} of the role ${role} differs from the deployed value`,
          explains: [`${planned}:${field}`],
        });
      });
    }),
  );
});
