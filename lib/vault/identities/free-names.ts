import { basename } from "node:path";
import { UserError } from "../../core/errors";
import { quote } from "../../core/text";
import { readerRole } from "../../model/hosts";
import type { ConnectParameters } from "../../model/run-parameters";
import type { Identity, IdentityName } from "../../model/vault/identities";
import { readerPolicy } from "../../model/vault/policies";
import { guideNames, namesAt } from "../../model/vault/vault-names";
import type { VaultClient } from "../client";
import { anything, policyAnswer } from "../schemas";

/** @throws UserError if Vault has a policy or role with this program's names and this instance never wrote any */
export async function requireFreeNames(
  admin: VaultClient,
  declared: Record<IdentityName, Identity>,
  hasAppRole: boolean,
): Promise<void> {
  const taken: string[] = [];
  for (const { role } of Object.values(declared)) {
    const paths = [`sys/policies/acl/${role}`, ...(hasAppRole ? [`auth/approle/role/${role}`] : [])];
    for (const path of paths) if (await admin.find({ path }, anything)) taken.push(path);
  }
  if (taken.length === 0) return;
  throw new UserError({
    problem: `The Vault at ${admin.address} has policies or roles with the names that this program uses, and this instance did not write them. Nothing was changed.`,
    got: taken.join(", "),
    expected: "none: they belong to another host or instance, or to an instance directory that was lost",
    fix: `If nobody uses them any more:\n${taken.map((path) => `vault delete ${path}`).join("\n")}`,
  });
}

/** @throws UserError if another instance's reader reads the secret at this instance's path: each needs a key of its own */
export async function requireFreePath(
  admin: VaultClient,
  { home, external }: Pick<ConnectParameters, "home" | "external">,
): Promise<void> {
  const { prefix, keyPath } = namesAt({ external });
  const readers = (await admin.list("auth/approle/role")).filter(
    (role) => readerRole.test(role) && role !== `${prefix}-reader`,
  );
  const taken = readerPolicy(keyPath).trim();
  for (const role of readers) {
    const found = await admin.find({ path: `sys/policies/acl/${role}` }, policyAnswer);
    if (found?.data.policy.trim() !== taken) continue;
    throw new UserError({
      problem: `Another instance uses ${keyPath} in the Vault at ${admin.address}. Nothing was changed.`,
      got: `the role ${role}, whose policy reads it`,
      expected: "a secret of its own for each instance, so that each has a key of its own",
      fix: `Set \`openrouter.path\` in the settings: "${guideNames.keyPath}/${basename(home)}". If nobody uses that role any more:\nvault delete ${quote(`auth/approle/role/${role}`)}`,
    });
  }
}
