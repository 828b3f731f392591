import type { HomePaths } from "../../model/home-paths";
import type { VaultClient } from "../client";
import { forgetRootToken, type KeyShares } from "../shares/shares-file";
import { generateRoot, makeRootToken, revokeRootTokens, revokeSelf } from "./root";

export interface RootSessionOptions {
  /** Whether other root tokens stay active: the work of a person's or another run's may go on. @default they are revoked */
  readonly revokesOwnOnly?: boolean;
  /** Whether the token stays active and recorded if the work fails, since the next run resumes with it. @default it is revoked */
  readonly keepsOnFailure?: boolean;
  /** Called between the revocation and the removal of the record. @default does nothing */
  readonly onRevoked?: () => Promise<void>;
}

/**
 * Runs work with a temporary root token, and revokes it afterwards, also if the work fails. The instance directory records it
 * meanwhile: if this run is interrupted, or the revocation fails, the next command that opens Vault revokes it.
 * @param source the active root token of an interrupted run, or shares to make one, which proves these shares too
 * @throws the work's error, even if the token cannot be revoked then
 */
export async function withRootToken<T>(
  vault: VaultClient,
  home: HomePaths,
  source: string | KeyShares,
  work: (root: VaultClient) => Promise<T>,
  { revokesOwnOnly = false, keepsOnFailure = false, onRevoked }: RootSessionOptions = {},
): Promise<T> {
  const { token, restoreRecord } =
    typeof source === "string" ? { token: source } : await makeRootToken(vault, home, source);
  const root = vault.withToken(token);
  const end = async () => {
    await (revokesOwnOnly ? revokeSelf(root) : revokeRootTokens(root));
    await onRevoked?.();
    if (revokesOwnOnly && restoreRecord) restoreRecord();
    else forgetRootToken(home);
  };
  return session(() => work(root), end, keepsOnFailure);
}

/** The same in a Vault that an instance does not serve yet: nothing is recorded, since its data are discarded after a failure. */
export async function withUnrecordedRootToken<T>(
  vault: VaultClient,
  shares: KeyShares,
  work: (root: VaultClient) => Promise<T>,
): Promise<T> {
  const root = vault.withToken(await generateRoot(vault, shares));
  return session(
    () => work(root),
    () => revokeSelf(root),
  );
}

async function session<T>(
  work: () => Promise<T>,
  end: () => Promise<void>,
  keepsOnFailure = false,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    if (!keepsOnFailure) await end().catch(() => {});
    throw error;
  }
  await end();
  return result;
}
