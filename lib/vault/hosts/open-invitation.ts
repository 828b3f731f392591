import { z } from "zod";
import { UserError } from "../../core/errors";
import { minuteOf } from "../../core/time";
import { type Invitation, inviteAgain } from "../../model/invitation";
import type { Credential } from "../../store/credentials";
import { ifRefused, type VaultClient } from "../client";
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
  const request = { method: "POST", path: "sys/wrapping/lookup", body: { token } } as const;
  const found = await vault.call(request, lookupAnswer).catch(ifRefused([400, 403, 404], () => undefined));
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

/** Uses an invitation up. @throws UserError if somebody else did meanwhile */
export async function useInvitation(vault: VaultClient, invitation: Invitation): Promise<Credential> {
  const request = { method: "POST", path: "sys/wrapping/unwrap", body: {} } as const;
  const { data } = await vault
    .withToken(invitation.token)
    .call(request, secretIdAnswer)
    .catch(
      ifRefused([400, 403], () => {
        throw usedBefore(invitation);
      }),
    )
    .catch((error) => {
      throw error instanceof VaultUnreachable ? maybeUsed(invitation, error) : error;
    });
  return { roleId: invitation.roleId, secretId: data.secret_id };
}

function ended(invitation: Invitation): UserError {
  return new UserError({
    problem: "This invitation has ended.",
    got: `its end was ${minuteOf(invitation.ends)}, and this host's clock says ${minuteOf(new Date().toISOString())}`,
    fix: inviteAgain(invitation.name),
  });
}

/** The answer was lost: Vault may have used the invitation up, which is no theft. */
function maybeUsed({ name }: Invitation, { props }: VaultUnreachable): UserError {
  return new UserError({
    problem: "Vault went away while it opened this invitation.",
    ...(props.got === undefined ? {} : { got: props.got }),
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
