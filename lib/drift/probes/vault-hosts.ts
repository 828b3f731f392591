import { z } from "zod";
import { identityOfHost, inviteAgainFrom } from "../../model/hosts";
import { type Eviction, type HostEntry, readHosts } from "../../store/records/hosts-record";
import { ifRefused, type VaultClient } from "../../vault/client";
import { compareRole, readPolicy, readRole, unreadable } from "../../vault/identities/compare-identities";
import { type DriftContext, notPermitted } from "../context";
import { drift, gone } from "../finding";
import { type Findings, probe } from "../probe";
import { lostVersion, readMetadata, unreportedVersions } from "../stored-secret";

/**
 * Compares the role and the policy of each host that this instance's Vault serves with what its invitation wrote, and inspects
 * that the roles of evicted ones stay gone.
 */
export const vaultHosts = probe("vault.hosts", async (context) => {
  const { hosts, evicted } = readHosts(context.home);
  // An interrupted invitation has written no role, an eviction has taken it away.
  const served = hosts.filter(
    ({ roleId }) => roleId !== undefined && !evicted.some((each) => each.roleId === roleId),
  );
  const takenAway = new Set(evicted.map(({ role }) => role));
  for (const { role } of served) takenAway.delete(role);
  if (served.length + takenAway.size === 0) return [];
  const auditor = await context.auditor();
  return Promise.all([
    ...served.map((host) => ofHost(context, auditor, host, evicted)),
    ...[...takenAway].map((role) => ofEvicted(auditor, role, hosts)),
  ]);
});

/** A restore of Vault's data by Vault's own means, as its owner does it, brings back what an eviction took away. */
async function ofEvicted(auditor: VaultClient, role: string, hosts: readonly HostEntry[]): Promise<Findings> {
  const present = await readRole(auditor, { role }).catch(ifRefused(403, () => undefined));
  const known = hosts.find((host) => host.role === role);
  return (
    present &&
    drift(`vault.evicted:${role}`, "critical", `role ${role}`, {
      summary: "A host that was evicted can log in again: its role is in Vault",
      compared: ["gone", "there"],
      fix: known
        ? `openclaw-openrouter host evict ${known.name}`
        : `vault delete auth/approle/role/${role}  (with a root token, or an admin's)`,
    })
  );
}

async function ofHost(
  context: DriftContext,
  auditor: VaultClient,
  host: HostEntry,
  evicted: readonly Eviction[],
): Promise<Findings> {
  const { name, role, addresses } = host;
  const identity = identityOfHost(host, addresses, !context.deployed.external);
  const [differences, policy] = await Promise.all([
    compareRole(auditor, identity).catch(ifRefused(403, (): typeof unreadable => unreadable)),
    readPolicy(auditor, role),
  ]);
  const entity =
    differences && differences !== unreadable ? await ofEntity(context, auditor, host, evicted) : [];
  if (differences === unreadable || policy === unreadable) {
    notPermitted(context, `vault.hosts: role ${role}`, "to read it and its policy");
    return entity;
  }
  const fix = `${inviteAgainFrom(host)}  (the host then joins again)`;
  if (!differences)
    return gone(`vault.role:${role}`, "major", `role ${role}`, {
      summary: `The role of the host ${name} is gone: it cannot log in`,
      fix: `${fix}; to serve it no more: openclaw-openrouter host evict ${name}`,
    });
  const explains = [`vault.access:auth/approle/role/${role}`];
  return [
    !context.deployed.external && (await keyOf(auditor, host)),
    differences.map((difference) => {
      const { field } = difference;
      const severity = opens.test(field) ? "critical" : "major";
      const summary = `${field} of the host ${name} differs from what its invitation wrote`;
      return drift(`vault.role:${role}:${field}`, severity, `role ${role}`, {
        ...{ ...difference, summary, fix, explains },
      });
    }),
    policy?.trim() !== identity.policy.trim() &&
      drift(`vault.policy:${role}`, "critical", `policy ${role}`, {
        summary: `The policy of the host ${name} differs from what its invitation wrote`,
        compared: ["to read its own key", policy === undefined ? "gone" : "another text", "policy"],
        fix,
        explains,
      }),
    entity,
  ];
}

/**
 * Inspects that Vault keeps the key of a host, which the auditor may not read. The host itself finds only one that is gone already.
 */
async function keyOf(auditor: VaultClient, { name, role, keyPath }: HostEntry): Promise<Findings> {
  const metadata = await readMetadata(auditor.forKey(keyPath)).catch(
    ifRefused(403, (): typeof unreadable => unreadable),
  );
  // The probe `vault.policies` reports it.
  if (metadata === unreadable) return [];
  const rotate = `openclaw-openrouter host rotate ${name}`;
  const lost = metadata && lostVersion(metadata);
  if (!metadata || lost) {
    const how = lost?.how ?? "deleted with all its versions";
    return drift(`vault.host-key:${role}`, "critical", keyPath, {
      summary: `The key of the host ${name} was ${how}: its OpenClaw has no key`,
      compared: ["there", how, "data.api_key"],
      since: lost?.since,
      fix: rotate,
    });
  }
  const { delete_version_after: after, versions, current_version } = metadata;
  const { deletion_time: end = "" } = versions[current_version] ?? {};
  if (after === unreportedVersions.delete_version_after && end === "") return [];
  const reset = `vault kv metadata put -delete-version-after=0s ${keyPath}  (with a token of \`vault login\`), then: `;
  return drift(`vault.host-key:${role}:expires`, "major", keyPath, {
    summary: `Vault will delete the key of the host ${name} after a time`,
    compared: ["no end", end || `${after} after each write`, "delete_version_after"],
    fix: `${after === unreportedVersions.delete_version_after ? "" : reset}${rotate}`,
  });
}

const entityAnswer = z.object({
  data: z.object({ disabled: z.boolean(), aliases: z.array(z.object({ name: z.string() })).nullish() }),
});

/**
 * The entity of an invitation has its role's id as an alias. Older data that Vault's owner restored have a role of the same name
 * with an earlier id: it takes the credential that an eviction or a later invitation ended. The role is there.
 */
async function ofEntity(
  context: DriftContext,
  auditor: VaultClient,
  host: HostEntry,
  evicted: readonly Eviction[],
): Promise<Findings> {
  const { name, role, roleId = "", entityId } = host;
  if (entityId === undefined) return [];
  const found = await auditor
    .find({ path: `identity/entity/id/${entityId}` }, entityAnswer)
    .catch(ifRefused(403, (): typeof unreadable => unreadable));
  if (found === unreadable) {
    notPermitted(context, `vault.hosts: entity ${role}`, "to read it");
    return [];
  }
  const isThis = found?.data.aliases?.some((alias) => alias.name === roleId) ?? false;
  if (isThis && !found?.data.disabled) return [];
  const had = evicted.some((each) => each.role === role);
  return drift(`vault.entity:${role}`, isThis || !had ? "major" : "critical", `entity ${role}`, {
    summary: isThis
      ? `The entity of the host ${name} is disabled: Vault refuses its login`
      : `The role of the host ${name} is not that of its invitation${had ? ": a credential of it that was ended may log in again" : ""}`,
    compared: ["the entity of its invitation", isThis ? "disabled" : "gone, or another role's", "entity"],
    fix: `${inviteAgainFrom(host)}  (the host then joins again)`,
  });
}

/** The parameters that decide who can log in as the host, and what it may do then. */
const opens = /^(token_policies|bind_secret_id|token_no_default_policy|.*_bound_cidrs)$/;
