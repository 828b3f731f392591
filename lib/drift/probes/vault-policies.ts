import { identitiesOf } from "../../model/vault/identities";
import { operatorPolicy, operatorPolicyName } from "../../model/vault/policies";
import { readPolicy, unreadable } from "../../vault/identities/compare-identities";
import { byFix, byPerson, drift, type Fix } from "../finding";
import { type Findings, probe } from "../probe";

export const vaultPolicies = probe("vault.policies", async (context) => {
  const auditor = await context.auditor();
  const { external } = context.deployed;
  const declared = Object.values(identitiesOf(context.deployed));
  const present = await Promise.all(declared.map(({ role }) => readPolicy(auditor, role)));
  // The policy of operators' tokens exists once the first token was created.
  const operators = external ? undefined : await readPolicy(auditor, operatorPolicyName);
  const fix = context.sharesAreHere ? byFix : byPerson("openclaw-openrouter vault login  (writes it again)");
  return [
    declared.map(({ role, policy }, index) => compare(role, policy, present[index], context.renewal)),
    operators !== undefined && compare(operatorPolicyName, operatorPolicy, operators, fix),
  ];
});

type Present = Awaited<ReturnType<typeof readPolicy>>;

/** Compares a policy; one that the auditor may not read is a finding of the auditor's own policy. */
function compare(role: string, policy: string, present: Present, fix: Fix): Findings {
  const isAuditors = role.endsWith("-auditor");
  if (present === unreadable ? !isAuditors : present?.trim() === policy.trim()) return [];
  return drift(`vault.policy:${role}`, "critical", `policy ${role}`, {
    summary:
      present === undefined
        ? `The policy ${role} is gone`
        : `The policy ${role} differs from the declared one: it can permit more than it should`,
    compared: ["the policy text of this program version", describe(present), "policy"],
    fix,
    explains: [
      `plan.vault_policy.*${role.split("-").at(-1)}-policy*`,
      ...(isAuditors ? ["plan.openrouter.unknown", "vault.access.unread"] : []),
    ],
  });
}

/** Describes a policy by its paths. */
function describe(policy: Present): string {
  if (policy === undefined) return "gone";
  if (policy === unreadable) return "the auditor may not read it";
  const paths = [...policy.matchAll(/^[^\S\n]*path\s+"([^"]+)"/gm)].map(([, path]) => path);
  return `another text, of ${paths.length} paths: ${paths.slice(0, 6).join(", ")}${paths.length > 6 ? ", …" : ""}`;
}
