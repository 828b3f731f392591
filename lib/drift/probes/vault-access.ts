import { inviteAgainFrom } from "../../model/hosts";
import { identitiesOf } from "../../model/vault/identities";
import { accessRecord } from "../../store/records/access-record";
import { readHosts } from "../../store/records/hosts-record";
import { describeAccess, takenAwayBy } from "../../vault/access/new-access";
import { readAccess } from "../../vault/access/read-access";
import type { Access } from "../../vault/access/who-has-access";
import type { DriftContext } from "../context";
import { drift, type Finding } from "../finding";
import { probe } from "../probe";

/** Inspects who can read the key, replace it, or change what guards it, beyond what a person has accepted. */
export const vaultAccess = probe("vault.access", async (context) => {
  const { external } = context.deployed;
  const { fresh, unread } = await readAccess(await context.auditor(), {
    external,
    accepted: accessRecord.read(context.home),
    hosts: readHosts(context.home).hosts,
    ...(external ? {} : { tokens: context.tokens }),
  });
  const findings = fresh.map((access) => toldOf(context, access));
  const { namespace } = context.deployed;
  if (namespace !== undefined)
    context.notInspected.push({
      what: `vault.access: namespaces above ${namespace}`,
      because: "Vault does not show their policies in a namespace below them",
    });
  if (unread.length === 0) return findings;
  if (external) {
    for (const { what, because } of unread)
      context.notInspected.push({ what: `vault.access: ${what}`, because });
    return findings;
  }
  const listed = unread.map(({ what, because }) => `${what}: ${because}`).join("; ");
  return [
    ...findings,
    drift("vault.access.unread", "major", "access to the key", {
      kind: "unknown",
      summary: `Not everyone who can have access to the key could be inspected: ${listed}`,
      fix: "Inspect it with a root token, then name this finding in drift-ignore.json.",
    }),
  ];
});

const summaries = {
  read: "can read the key",
  guard: "can change what guards the key, and so give itself the key",
  write: "can replace or delete the key, or keep others from reading it",
} as const;

function toldOf({ deployed, home }: DriftContext, access: Access): Finding {
  const { id, name, ways } = access;
  const gain = ways[0]?.gain ?? "read";
  const isOurs = Object.values(identitiesOf(deployed)).some(({ role }) => id === `auth/approle/role/${role}`);
  const host = readHosts(home).hosts.find(({ role }) => id === `auth/approle/role/${role}`);
  // Without its role a host would be cut off. What it has by its entity, an invitation does not end.
  const taken =
    host && ways[0]?.entity === undefined
      ? `${inviteAgainFrom(host)}  (which writes its role again; the host then joins again)`
      : `${takenAwayBy(access, isOurs)}  (with a root token)`;
  return drift(`vault.access:${id}`, gain === "write" ? "major" : "critical", id, {
    summary: `${name} ${summaries[gain]}`,
    compared: [
      isOurs ? "what its own policy permits" : "no access, or one that a person accepted",
      describeAccess(access),
      "access",
    ],
    fix: `${taken}; if it is intended: openclaw-openrouter up  (which asks)`,
  });
}
