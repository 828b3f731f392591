import { UserError } from "../errors";
import { ExitCode } from "../model/exit-codes";
import type { Progress } from "../progress";
import { VaultClient } from "../vault/client";
import { makeOperatorToken, type OperatorToken } from "../vault/operator";
import { readShares } from "../vault/shares-file";
import { readSealStatus } from "../vault/wait";
import type { DeployContext } from "./context";
import { type OpenVaultOptions, openVault } from "./open-vault";

export interface LoginOptions extends Pick<OpenVaultOptions, "askForShares"> {
  readonly ttlSeconds: number;
}

/**
 * Gives a person a token for the secrets under `secret/`, for a while.
 * @throws UserError where there is no container, or no shares to make it by
 */
export async function login(
  context: DeployContext,
  { askForShares, ttlSeconds }: LoginOptions,
  progress: Progress,
): Promise<OperatorToken> {
  const { home, container } = context.deployment;
  // Asked for once, however often they are needed.
  let asked: ReturnType<NonNullable<typeof askForShares>> | undefined;
  const ask = askForShares && ((threshold: number) => (asked ??= askForShares(threshold)));
  const opened = await openVault(context, progress, ask ? { askForShares: ask } : {});
  if (!opened) {
    throw new UserError({
      problem: `There is no container ${container}.`,
      remedy: "npx openclaw-openrouter up",
      exitCode: ExitCode.NotDeployed,
    });
  }
  const vault = VaultClient.at(opened.place);
  const shares = readShares(home.shares) ?? (await ask?.((await readSealStatus(vault)).t));
  if (!shares) {
    throw new UserError({
      problem: "The shares are not on this host, and a token for a person is made by them.",
      got: `no ${home.shares}`,
      remedy: "Run this on a terminal, which asks for them, or add --shares-file FILE.",
      exitCode: ExitCode.WrongUsage,
    });
  }
  progress("making the token");
  return makeOperatorToken(vault, home, shares, ttlSeconds);
}
