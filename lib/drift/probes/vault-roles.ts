import { z } from "zod";
import { identities, identityNames, roleParameters } from "../../model/identities";
import { type VaultClient, VaultFailure } from "../../vault/client";
import { drift, type Finding, type Probe } from "../finding";

const roleAnswer = z.object({ data: z.record(z.string(), z.unknown()) });

/** What a role has by itself. */
const unset: Readonly<Record<string, unknown>> = {
  local_secret_ids: false,
  secret_id_bound_cidrs: [],
  token_bound_cidrs: [],
  token_explicit_max_ttl: 0,
  token_max_ttl: 0,
  token_num_uses: 0,
  token_period: 0,
};

/** The roles by which deployer, reader and auditor log in. */
export const vaultRoles: Probe = {
  id: "vault.roles",
  async look(context) {
    const auditor = await context.auditor();
    const found = await Promise.all(
      identityNames.map(async (name) => {
        const { role } = identities[name];
        const explains = `plan.vault_approle_auth_backend_role.*${name}-role*`;
        // Terraform writes the other two; the deployer may not write its own, which takes shares.
        const isMended = name !== "deployer" || context.sharesAreHere;
        const mend = isMended ? {} : { mend: context.renewIdentities };
        const present = await read(auditor, role);
        if (!present) return [gone(role, explains, mend)];
        const declared = { ...unset, ...roleParameters(identities[name]) };
        return Object.entries(declared).flatMap(([field, value]) => {
          const [was, now] = [show(value), show(present[field])];
          if (was === now) return [];
          return [
            drift({
              id: `vault.role:${role}:${field}`,
              severity: field === "token_policies" ? "critical" : "major",
              subject: `role ${role}`,
              seen: `${field} of the role ${role} is another one than was deployed`,
              field,
              declared: was,
              found: now,
              ...mend,
              explains: [`${explains}:${field}`],
            }),
          ];
        });
      }),
    );
    return found.flat();
  },
};

function gone(role: string, explains: string, mend: object): Finding {
  return drift({
    id: `vault.role:${role}`,
    severity: "critical",
    subject: `role ${role}`,
    seen: `The role ${role} is gone: nobody can log in by it`,
    declared: "there",
    found: "gone",
    ...mend,
    explains: [explains, `credentials.${role.replace("openclaw-", "")}`],
  });
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).sort().join(", ") || "none";
  return value === undefined || value === null ? "none" : String(value);
}

async function read(auditor: VaultClient, role: string): Promise<Record<string, unknown> | undefined> {
  try {
    return (await auditor.call({ path: `auth/approle/role/${role}` }, roleAnswer)).data;
  } catch (error) {
    if (error instanceof VaultFailure && error.status === 404) return undefined;
    throw error;
  }
}
