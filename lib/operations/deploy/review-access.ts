import { hanging } from "../../core/text";
import type { DeployContext } from "../../session/context";
import { accessRecord } from "../../store/records/access-record";
import { readHosts } from "../../store/records/hosts-record";
import { acceptedAccess, describeAccess } from "../../vault/access/new-access";
import { readAccess } from "../../vault/access/read-access";
import type { Access } from "../../vault/access/who-has-access";
import { logInTo } from "../../vault/log-in";

/** Asks whether new access is intended. Without a person, the answer is no. */
export type AcceptAccess = (question: string) => Promise<boolean>;

/**
 * Shows who has access to the key that nobody has accepted yet, and asks. What is accepted is no drift from then on. The first
 * deploy to an external Vault shows who has access there, and takes that as accepted.
 */
export async function reviewAccess(
  { deployment, say }: DeployContext,
  acceptAccess: AcceptAccess,
): Promise<void> {
  const { home, external } = deployment;
  const auditor = await logInTo(deployment, "auditor");
  // The check and `drift` report that.
  if (!auditor) return;
  const accepted = accessRecord.read(home);
  const { fresh, others } = await readAccess(auditor, { external, accepted, hosts: readHosts(home).hosts });
  const isFirst = external !== undefined && accepted === undefined;
  const refused = fresh.length > 0 && !isFirst && !(await agreed(fresh, acceptAccess, say)) ? fresh : [];
  if (isFirst && others.length > 0)
    say(listed("Besides this instance, these have access to the key:", others));
  const isRefused = (id: string) => refused.some((each) => each.id === id);
  const { shown: now, principals } = acceptedAccess(others.filter(({ id }) => !isRefused(id)));
  const before = accepted?.principals.filter(({ id }) => isRefused(id)) ?? [];
  if (principals.length + before.length === 0 && accepted === undefined && !external) return;
  accessRecord.write(home, { shown: now, principals: [...principals, ...before] });
}

async function agreed(
  fresh: readonly Access[],
  acceptAccess: AcceptAccess,
  say: DeployContext["say"],
): Promise<boolean> {
  say(listed("! New access to the key, which nobody has accepted:", fresh));
  if (await acceptAccess("Is this intended? Then it is no drift from now on.")) return true;
  say("It was not accepted: `openclaw-openrouter drift` reports it, with the command that takes it away.\n");
  return false;
}

function listed(title: string, access: readonly Access[]): string {
  const lines = access.flatMap((each) => hanging("  - ", `${each.name}: ${describeAccess(each)}`));
  return `${[title, ...lines].join("\n")}\n`;
}
