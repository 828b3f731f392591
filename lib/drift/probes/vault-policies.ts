import { z } from "zod";
import { identitiesOf, identityNames } from "../../model/identities";
import { operatorPolicy, operatorPolicyName } from "../../model/policies";
import { type VaultClient, VaultFailure } from "../../vault/client";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, type Mend, type Probe } from "../finding";

const policyAnswer = z.object({ data: z.object({ policy: z.string() }) });

export const vaultPolicies: Probe = {
  id: "vault.policies",
  async look(context) {
    const auditor = await context.auditor();
    const declared = identitiesOf(context.deployed);
    const found = await Promise.all(
      identityNames.map(async (name) => {
        const { role, policy } = declared[name];
        const present = await read(auditor, role);
        if (present?.trim() === policy.trim()) return [];
        if (present === unreadable && name !== "auditor") return [];
        // Terraform writes the reader's; the auditor may not plan that of its own, and the deployer's own is pinned.
        const isMended = name === "reader" || context.sharesAreHere;
        return [differs(role, present, isMended ? undefined : context.renewIdentities)];
      }),
    );
    return [...found.flat(), ...(context.deployed.existing ? [] : await operators(context, auditor))];
  },
};

/** The policy of people's tokens: there once one was made. */
async function operators(context: DriftContext, auditor: VaultClient): Promise<Finding[]> {
  const present = await read(auditor, operatorPolicyName);
  if (present === undefined || present === unreadable || present.trim() === operatorPolicy.trim()) return [];
  const mend = context.sharesAreHere
    ? undefined
    : byPerson("npx openclaw-openrouter login  (writes it anew)");
  return [differs(operatorPolicyName, present, mend)];
}

/** @param mend by default `--fix` does it */
function differs(role: string, present: string | undefined, mend: Mend | undefined): Finding {
  return drift({
    id: `vault.policy:${role}`,
    severity: "critical",
    subject: `policy ${role}`,
    seen:
      present === undefined
        ? `The policy ${role} is gone`
        : `The policy ${role} is not the declared one: it may permit more than it should`,
    field: "policy",
    declared: "the text of this version of the program",
    found:
      present === undefined
        ? "gone"
        : present === unreadable
          ? "the auditor may not read it"
          : describe(present),
    ...(mend ? { mend } : {}),
    explains: [
      `plan.vault_policy.*${role.replace("openclaw-", "")}-policy*`,
      ...(role === "openclaw-auditor" ? ["plan.openrouter.unknown"] : []),
    ],
  });
}

/** Its paths, which tell a person what it is about. */
function describe(policy: string): string {
  const paths = [...policy.matchAll(/^[^\S\n]*path\s+"([^"]+)"/gm)].map(([, path]) => path);
  return `another text, of ${paths.length} paths: ${paths.slice(0, 6).join(", ")}${paths.length > 6 ? ", …" : ""}`;
}

/** What the declared policy of the auditor lets it read it may not: then that policy is another one. */
const unreadable = "";

async function read(auditor: VaultClient, role: string): Promise<string | undefined> {
  try {
    return (await auditor.call({ path: `sys/policies/acl/${role}` }, policyAnswer)).data.policy;
  } catch (error) {
    if (!(error instanceof VaultFailure)) throw error;
    if (error.status === 404) return undefined;
    if (error.status === 403) return unreadable;
    throw error;
  }
}
