import { z } from "zod";
import { UserError } from "../core/errors";
import type { Deployment, VaultPlace } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { type IdentityName, identityNames } from "../model/vault/identities";
import { type Credential, readCredential } from "../store/credentials";
import { VaultClient, VaultFailure } from "./client";
import { loginAnswer, secondFactorAnswer } from "./schemas";

/**
 * Logs in as one of this program's identities.
 * @returns a client with its short-lived token; undefined if the credential is missing or Vault refuses it
 * @throws UserError as {@link logInWith}
 */
export async function logIn(
  vault: VaultClient,
  home: HomePaths,
  identity: IdentityName,
): Promise<VaultClient | undefined> {
  const credential = readCredential(home, identity);
  const answer = credential && (await logInWith(vault, credential));
  return answer instanceof VaultFailure ? undefined : answer;
}

/** The same for an instance's Vault at its declared place. */
export function logInTo(
  { home, ...place }: VaultPlace & Pick<Deployment, "home">,
  identity: IdentityName,
): Promise<VaultClient | undefined> {
  return logIn(VaultClient.at(place), home, identity);
}

/** Logs in as every identity. @returns the auditor's client; undefined if one of them cannot log in */
export async function logInAsAll(vault: VaultClient, home: HomePaths): Promise<VaultClient | undefined> {
  const clients = await Promise.all(identityNames.map((name) => logIn(vault, home, name)));
  return clients.includes(undefined) ? undefined : clients[identityNames.indexOf("auditor")];
}

/**
 * @returns a client with its short-lived token, or Vault's refusal: 400 for an unknown credential, 403 if login by role is not
 * possible at all, or not for this role
 * @throws UserError if Vault accepts no more calls for now, or wants a second factor
 */
export async function logInWith(
  vault: VaultClient,
  { roleId, secretId }: Credential,
): Promise<VaultClient | VaultFailure> {
  try {
    const body = { role_id: roleId, secret_id: secretId };
    const answer = z.union([loginAnswer, secondFactorAnswer]);
    const { auth } = await vault.submit("auth/approle/login", body, answer);
    if ("mfa_requirement" in auth) throw wantsSecondFactor(vault);
    return vault.withToken(auth.client_token);
  } catch (error) {
    if (!(error instanceof VaultFailure) || error.status >= 500) throw error;
    // A quota says nothing about the credential.
    if (error.status === 429) throw overQuota(vault, error);
    return error;
  }
}

function wantsSecondFactor({ address }: VaultClient): UserError {
  return new UserError({
    problem: `The Vault at ${address} wants a second factor (MFA) of this program's identities, which no program has.`,
    got: "a login enforcement for AppRole",
    fix: "Leave AppRole out of it, as an admin: vault list identity/mfa/login-enforcement",
  });
}

function overQuota({ address }: VaultClient, { errors }: VaultFailure): UserError {
  return new UserError({
    problem: `The Vault at ${address} takes no more calls for now.`,
    got: errors.join("; "),
    fix: "Run this again later. The limits: vault list sys/quotas/rate-limit",
  });
}
