import { ifError, UserError } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { OpenRouterFailure } from "../../openrouter/errors";
import { type ManagementClient, managementClient } from "../../openrouter/management";
import type { EngineContext } from "../../session/context";
import { requireDeployedServers } from "../../session/requirements";
import { AccountKeys } from "./account-keys";

/** A working management key, and the keys of its account. */
export interface Account {
  readonly manager: ManagementClient;
  readonly keys: AccountKeys;
}

/**
 * Opens an account with its management key, before anything changes.
 * @throws UserError if OpenRouter rejects it, or is not the deployed one
 */
export async function openAccount(
  deployment: Deployment,
  managementKey: string,
  signal: AbortSignal,
): Promise<Account> {
  requireDeployedServers(deployment);
  const { baseUrl, settings } = deployment;
  const manager = managementClient({
    baseUrl,
    key: managementKey,
    title: settings.openrouter.title,
    timeoutSeconds: settings.check.timeoutSeconds,
    signal,
  });
  const keys = new AccountKeys(manager);
  await atOpenRouter("The management key cannot list the account's keys.", () => keys.open());
  return { manager, keys };
}

/** The account of a management key, opened as a phase of the run; undefined without one. */
export async function accountOf(
  { deployment, phase, signal }: EngineContext,
  managementKey: string | undefined,
): Promise<Account | undefined> {
  if (managementKey === undefined) return undefined;
  return phase("Account at OpenRouter", () => openAccount(deployment, managementKey, signal));
}

/** Calls OpenRouter; reports a failure with its fix. @param problem what the call could not do */
export function atOpenRouter<T>(problem: string, call: () => Promise<T>): Promise<T> {
  return call().catch(
    ifError(OpenRouterFailure, (error) => {
      const fix =
        error.kind === "management-only" || error.status === 401
          ? "Create a management key at https://openrouter.ai/settings/management-keys, and use that one."
          : error.fix;
      throw new UserError({ problem, got: error.message, fix }, { cause: error });
    }),
  );
}
