import { rmSync } from "node:fs";
import { UserError } from "../errors";
import { describeListener } from "../host/port-owner";
import { readListener, writeListener } from "../instance/listener-record";
import { type Deployment, reachOf } from "../model/deployment";
import { ExitCode } from "../model/exit-codes";
import type { ConnectParameters } from "../model/run-parameters";
import { connectVault, disconnectVault, lookAtVault } from "../vault/existing-vault";
import { trustedUids, whoListens } from "../vault/known-listener";
import type { DeployContext, RunPhase } from "./context";
import type { OpenedVault } from "./open-vault";

/** Asks for an admin's token, which is used once and not kept. @param why what it is needed for: a sentence */
export type AskAdminToken = (why: string) => Promise<string>;

export function connectParametersOf({ home, existing = {}, ...place }: Deployment): ConnectParameters {
  return { home: home.root, ...reachOf(place), existing };
}

/**
 * Asks whether a listener is the Vault that is meant, where no certificate tells it.
 * @param who for people: the address, the program and the uid
 */
export type AcceptListener = (who: string, uid: number) => Promise<boolean>;

/**
 * Shows who listens at an external Vault's address of plain HTTP, before anything is sent there, and records it: each later run
 * sends nothing to another one. Whoever is neither root nor the caller has to be accepted.
 * @throws UserError if nobody accepts it
 */
async function acceptListener({ deployment, phase }: DeployContext, accept: AcceptListener): Promise<void> {
  const { address, listener } = deployment;
  if (!listener) return;
  const uids = await whoListens(deployment);
  if (uids.length === 0) return;
  const recorded = readListener(listener.home, address)?.uid;
  if (uids.every((uid) => uid === recorded)) return;
  const who = `${address}, plain HTTP: ${describeListener(Number(new URL(address).port || 80))}`;
  const [uid = 0, ...others] = uids;
  const isTrusted = recorded === undefined && trustedUids().includes(uid);
  if (others.length > 0 || !(isTrusted || (await accept(who, uid)))) {
    throw new UserError({
      problem: `Who listens at ${address} was not accepted: nothing was sent there.`,
      got: who,
      expected: recorded === undefined ? "root, or who runs this" : `uid ${recorded}, as before`,
      remedy:
        "If it is the Vault that is meant: answer yes on a terminal, or add --listener USER. Better, have it serve TLS.",
    });
  }
  writeListener(listener.home, address, uid);
  await phase(
    "Who listens",
    async () => who,
    (said) => said,
  );
}

/** Sees that a Vault that was there before can be used, and has its admin write into it what is lacking for that. */
export async function connectExistingVault(
  context: DeployContext,
  askAdminToken: AskAdminToken,
  accept: AcceptListener,
): Promise<void> {
  const { deployment, phase } = context;
  await acceptListener(context, accept);
  const parameters = connectParametersOf(deployment);
  const { clusterId, lacking } = await lookAtVault(parameters, true);
  if (!lacking) return;
  const token = await askAdminToken(
    `An admin's token for the Vault at ${deployment.address} is needed once, since ${lacking}. It is not kept.`,
  );
  await phase(
    "Identities",
    (progress) => connectVault(parameters, clusterId, { token, progress }),
    () => "written",
  );
}

/**
 * @param requireUnchanged whether policies and roles must be as declared. @default the deployer's policy alone
 * @throws UserError where it cannot be used as it is
 */
export async function useExistingVault(
  { deployment }: DeployContext,
  requireUnchanged = false,
): Promise<OpenedVault> {
  const { lacking } = await lookAtVault(connectParametersOf(deployment), requireUnchanged);
  if (lacking) throw notConnected(deployment.address, lacking, deployment.instance);
  return {
    started: false,
    place: deployment,
    initialized: false,
    unsealed: false,
    identitiesWritten: false,
  };
}

/** Takes out of it what is this instance's, but for the key. */
export async function leaveExistingVault(
  deployment: Deployment,
  phase: RunPhase,
  askAdminToken: AskAdminToken,
): Promise<void> {
  await phase("Roles and policies in Vault", () =>
    disconnectVault(connectParametersOf(deployment), { askAdminToken }),
  );
  // Nothing is deployed any more.
  rmSync(deployment.home.deployed, { force: true });
}

/**
 * Refuses what is done by the key shares of a Vault of the instance's own.
 * @param what is done with them: completes "…, and this Vault is its owner's"
 * @throws UserError where Vault was there before
 */
export function requireOwnVault({ existing }: Deployment, what: string, remedy: string): void {
  if (!existing) return;
  throw new UserError({
    problem: `${what} takes the key shares, and this Vault is its owner's, with its shares.`,
    got: "an instance with `vault.address`",
    expected: "one with a Vault of its own",
    remedy,
    exitCode: ExitCode.WrongUsage,
  });
}

export function notConnected(address: string, lacking: string, instance?: string): UserError {
  const named = instance ? ` --instance ${instance}` : "";
  return new UserError({
    problem: `The Vault at ${address} cannot be used yet: ${lacking}.`,
    remedy: `openclaw-openrouter up${named}\nwhich asks for an admin's token, once (or takes it by --admin-token-file)`,
    exitCode: ExitCode.Failed,
  });
}
