import { quote } from "../../core/text";
import { type Identity, type IdentityName, identityNames } from "../../model/vault/identities";
import { operatorPolicyName } from "../../model/vault/policies";
import type { AccessRecord } from "../../store/records/access-record";
import type { ActiveToken } from "../identities/tokens";
import { type KeysInVault, readsKeyOf } from "./guarded-paths";
import type { Access, WhoHasAccess } from "./who-has-access";

interface NewAccessOptions {
  readonly isOwn: boolean;
  /** The identities of the instance, with what their own policies permit. */
  readonly declared: Readonly<Record<IdentityName, Identity>>;
  /** The hosts that the instance invited. */
  readonly hosts: KeysInVault["hosts"];
  /** What a person accepted. */
  readonly accepted: AccessRecord | undefined;
}

/**
 * Who has access and should not: beyond the identities' own policies, and beyond what a person accepted. Each principal has
 * only its new ways. Whoever else administers an external Vault is its owner's concern: who can change what guards the key.
 */
export function newAccess(
  { access }: Pick<WhoHasAccess, "access">,
  { isOwn, declared, hosts, accepted }: NewAccessOptions,
): Access[] {
  return access.flatMap((each) => {
    const role = identityNames
      .map((name) => declared[name].role)
      .find((name) => each.id === `auth/approle/role/${name}`);
    const host = hosts.find((one) => each.id === `auth/approle/role/${one.role}`);
    if (!isOwn && role === undefined && !host && each.ways.some(({ gain }) => gain === "guard")) return [];
    const known = accepted?.principals.find(({ id }) => id === each.id)?.gains ?? [];
    const ways = each.ways.filter(
      ({ gain, permits, policies }) =>
        !(host && permits === readsKeyOf(host.name)) &&
        !(role !== undefined && policies.length > 0 && policies.every((policy) => policy === role)) &&
        !known.includes("guard") &&
        !known.includes(gain),
    );
    return ways.length > 0 ? [{ ...each, ways }] : [];
  });
}

/** What to record as accepted. @param access as {@link newAccess} returns it without an earlier record */
export function acceptedAccess(access: readonly Access[]): AccessRecord {
  return {
    shown: new Date().toISOString(),
    principals: access.map(({ id, ways }) => ({ id, gains: [...new Set(ways.map(({ gain }) => gain))] })),
  };
}

/** Whether a token is one that `vault login` made: with the operators' policy alone, and for a while. */
export function isOperatorToken(token: ActiveToken): boolean {
  return (
    token.policies.join() === operatorPolicyName &&
    (token.identity_policies ?? []).length === 0 &&
    (token.explicit_max_ttl ?? 0) > 0 &&
    !token.period
  );
}

/** What a principal gains and by what, in one sentence for people. */
export function describeAccess({ ways }: Access): string {
  const seen = new Map<string, string[]>();
  for (const { permits, through } of ways) seen.set(through, [...(seen.get(through) ?? []), permits]);
  const all = [...seen].map(([through, permits]) => `${permits.join(", ")} (${through})`);
  return `${all.slice(0, 4).join("; ")}${all.length > 4 ? `; and ${all.length - 4} more` : ""}`;
}

/** The command that takes a principal's access away. */
export function takenAwayBy({ id, ways }: Access, isOurs: boolean): string {
  // Whoever may write in Vault chooses some of these names.
  if (id.startsWith("token:")) return `vault token revoke -accessor ${quote(id.slice("token:".length))}`;
  const entity = ways[0]?.entity;
  if (entity !== undefined) {
    const path = quote(`identity/entity/name/${entity}`);
    return `vault write ${path} policies=  (and its groups: vault read ${path})`;
  }
  return `vault ${isOurs ? "read" : "delete"} ${quote(id)}`;
}
