import { identitiesOf, identityNames } from "../../model/identities";
import { operatorPolicy, operatorPolicyName } from "../../model/policies";
import type { VaultClient } from "../../vault/client";
import { readPolicy, unreadable } from "../../vault/identities/compare-identities";
import type { DriftContext } from "../context";
import { byFix, byPerson, drift, type Finding, type Fix } from "../finding";
import type { Probe } from "../probe";

export const vaultPolicies: Probe = {
  id: "vault.policies",
  async inspect(context) {
    const auditor = await context.auditor();
    const declared = identitiesOf(context.deployed);
    const found = await Promise.all(
      identityNames.map(async (name) => {
        const { role, policy } = declared[name];
        const present = await readPolicy(auditor, role);
        if (present === unreadable)
          return name === "auditor" ? [differs(role, present, context.renewal)] : [];
        return present?.trim() === policy.trim() ? [] : [differs(role, present, context.renewal)];
      }),
    );
    return [...found.flat(), ...(context.deployed.external ? [] : await operators(context, auditor))];
  },
};

/** Compares the policy of operators' tokens, which exists once the first token was created. */
async function operators(context: DriftContext, auditor: VaultClient): Promise<Finding[]> {
  const present = await readPolicy(auditor, operatorPolicyName);
  if (present === undefined || present === unreadable || present.trim() === operatorPolicy.trim()) return [];
  const fix = context.sharesAreHere ? byFix : byPerson("openclaw-openrouter vault login  (writes it again)");
  return [differs(operatorPolicyName, present, fix)];
}

function differs(role: string, present: string | typeof unreadable | undefined, fix: Fix): Finding {
  return drift({
    id: `vault.policy:${role}`,
    severity: "critical",
    subject: `policy ${role}`,
    summary:
      present === undefined
        ? `The policy ${role} is gone`
        : `The policy ${role} differs from the declared one: it can permit more than it should`,
    field: "policy",
    expected: "the policy text of this program version",
    actual:
      present === undefined
        ? "gone"
        : present === unreadable
          ? "the auditor may not read it"
          : describe(present),
    fix,
    explains: [
      `plan.vault_policy.*${role.replace("openclaw-", "")}-policy*`,
      ...(role === "openclaw-auditor" ? ["plan.openrouter.unknown", "vault.access.unread"] : []),
    ],
  });
}

/** Describes a policy by its paths. */
function describe(policy: string): string {
  const paths = [...policy.matchAll(/^[^\S\n]*path\s+"([^"]+)"/gm)].map(([, path]) => path);
  return `another text, of ${paths.length} paths: ${paths.slice(0, 6).join(", ")}${paths.length > 6 ? ", …" : ""}`;
}
