import { z } from "zod";
import { compareFields, type FieldDifference } from "../../core/compare-fields";
import { canonicalNetwork } from "../../core/network/canonical-network";
import { type Identity, roleParameters } from "../../model/vault/identities";
import { ifRefused, type VaultClient } from "../client";
import { policyAnswer } from "../schemas";

/** The result if the auditor cannot read what its declared policy permits: then its policy differs. */
export const unreadable = Symbol("unreadable");

/** A policy's text; undefined if there is no such policy. @param auditor the auditor's client, which can read it */
export function readPolicy(
  auditor: VaultClient,
  name: string,
): Promise<string | typeof unreadable | undefined> {
  return auditor
    .find({ path: `sys/policies/acl/${name}` }, policyAnswer)
    .then((found) => found?.data.policy)
    .catch(ifRefused(403, () => unreadable));
}

/** Whether the policy of an identity has exactly the text that this version declares. */
export async function isPolicyDeclared(auditor: VaultClient, { role, policy }: Identity): Promise<boolean> {
  const present = await readPolicy(auditor, role);
  return typeof present === "string" && present.trim() === policy.trim();
}

const roleAnswer = z.object({ data: z.record(z.string(), z.unknown()) });

/** The parameters of a role that can be set only at its creation. */
const ofCreation = { local_secret_ids: false };

/** The differences between an identity's role and the declared one; undefined if there is no such role. */
export async function compareRole(
  auditor: VaultClient,
  identity: Identity,
): Promise<readonly FieldDifference[] | undefined> {
  const present = await readRole(auditor, identity);
  if (!present) return undefined;
  const compared = Object.entries({ ...ofCreation, ...roleParameters(identity) }).map(([field, value]) => {
    const shown = field.endsWith("_bound_cidrs") ? showNetworks : show;
    // A Vault of another version may not have this parameter.
    return [field, shown(value), shown(present[field] ?? emptyOf(value))] as const;
  });
  return compareFields(compared);
}

/** The parameters of a role; undefined if there is no such role. */
export async function readRole(
  client: VaultClient,
  { role }: Pick<Identity, "role">,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  return (await client.find({ path: `auth/approle/role/${role}` }, roleAnswer))?.data;
}

/** The value of an unset parameter, by its type. */
function emptyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return { number: 0, boolean: false }[typeof value as string];
}

/** Networks in one form: Vault gives other forms back than it got. */
function showNetworks(value: unknown): string {
  return show(Array.isArray(value) ? value.map((each) => canonicalNetwork(String(each))) : value);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).sort().join(", ") || "none";
  return value === undefined || value === null ? "none" : String(value);
}
