import { z } from "zod";
import { defined } from "../../core/defined";
import { UserError } from "../../core/errors";
import { poll } from "../../core/poll";
import { minuteOf } from "../../core/time";
import { type Invitation, inviteAgain } from "../../model/invitation";
import type { Credential } from "../../store/credentials";
import { ifRefused, type VaultClient, VaultFailure } from "../client";
import { reachExternalVault } from "../external-vault";
import { type SealStatus, secretIdAnswer } from "../schemas";
import { VaultUnreachable } from "../unanswered";

const lookupAnswer = z.object({ data: z.object({ creation_path: z.string() }) });

/**
 * Verifies an invitation without using it: the certificate of what answers, and that its wrapping token was made for the secret
 * id of the host's role.
 * @throws UserError if it was used before, has ended, or is for something else
 */
export async function verifyInvitation(vault: VaultClient, invitation: Invitation): Promise<SealStatus> {
  const { address, token, role, ends } = invitation;
  const status = await reachExternalVault({ address }, vault);
  const found = await lookUp(vault, token);
  if (!found) throw Date.parse(ends) <= Date.now() ? ended(invitation) : usedBefore(invitation);
  const expected = `auth/approle/role/${role}/secret-id`;
  if (found.data.creation_path === expected) return status;
  throw new UserError({
    problem: "This invitation holds something else than a host's credential. Nothing was taken from it.",
    got: `a wrapping token that was made at ${found.data.creation_path}`,
    expected,
    fix: `Somebody may have exchanged it. ${inviteAgain(invitation.name)}`,
  });
}

/** How long it is asked what became of an opening without an answer, and how often: in milliseconds. An election takes less. */
const [decided, pause] = [15_000, 500];

/**
 * Uses an invitation up.
 * @throws UserError if somebody else did meanwhile, or if Vault went away and does not say whether it was used
 */
export async function useInvitation(vault: VaultClient, invitation: Invitation): Promise<Credential> {
  const { roleId, token } = invitation;
  const open = () => vault.withToken(token).submit("sys/wrapping/unwrap", {}, secretIdAnswer);
  const { data } = await open().catch(async (error) => {
    if (error instanceof VaultFailure && [400, 403].includes(error.status)) throw usedBefore(invitation);
    if (!isUndecided(error)) throw error;
    if (!(await isUnused(vault, token))) throw maybeUsed(invitation, error);
    return open().catch(() => {
      throw maybeUsed(invitation, error);
    });
  });
  return { roleId, secretId: data.secret_id };
}

/** Whether a call may have been done though it failed: its answer was lost, or Vault had a fault, such as in an election. */
function isUndecided(error: unknown): error is VaultUnreachable | VaultFailure {
  return error instanceof VaultUnreachable || (error instanceof VaultFailure && error.status >= 500);
}

/** Whether an invitation is unused for sure. */
async function isUnused(vault: VaultClient, token: string): Promise<boolean> {
  const look = async () => {
    try {
      return (await lookUp(vault, token)) !== undefined;
    } catch (error) {
      if (!isUndecided(error)) throw error;
    }
  };
  return (await poll(look, { every: pause, timeout: decided })) ?? false;
}

/** What an invitation's token is of; undefined if it was used, was revoked or has ended. */
function lookUp(vault: VaultClient, token: string): Promise<z.output<typeof lookupAnswer> | undefined> {
  const found = vault.submit("sys/wrapping/lookup", { token }, lookupAnswer);
  return found.catch(ifRefused([400, 403, 404], () => undefined));
}

/** Vault knows as little of a token that was used as of one that has ended, and a thief can keep the host from it until then. */
function ended(invitation: Invitation): UserError {
  const { name } = invitation;
  return new UserError({
    problem: "This invitation has ended. Whether somebody used it before, only the Vault's host can say.",
    got: `its end was ${minuteOf(invitation.ends)}, and this host's clock says ${minuteOf(new Date())}`,
    fix: `${inviteAgain(name)}\nIf \`host list\` there says first that ${name} joined, and it did not, somebody stole it: take away what the thief got by the command \`host evict ${name}\`, then invite again.`,
  });
}

/** The answer was lost: Vault may have used the invitation up, which is no theft. */
function maybeUsed({ name }: Invitation, error: VaultUnreachable | VaultFailure): UserError {
  const got = error instanceof VaultUnreachable ? error.props.got : error.message;
  return new UserError({
    problem: "Vault went away while it opened this invitation.",
    ...defined({ got }),
    fix: `Run this again. If it then says that the invitation was used before, it was by this run. ${inviteAgain(name)}`,
  });
}

function usedBefore(invitation: Invitation): UserError {
  return new UserError({
    problem:
      "This invitation was used before, or was revoked. If this host did not use it, somebody may have stolen it.",
    expected: `an invitation that is unused until ${minuteOf(invitation.ends)}`,
    fix: `On the Vault's host, take away what the thief got by the command \`host evict ${invitation.name}\`, then invite again.`,
  });
}
