import { rmSync } from "node:fs";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { describeListener } from "../host/port-owner";
import { type Deployment, reachOf } from "../model/deployment";
import type { ConnectParameters } from "../model/run-parameters";
import { renewPlacedCredential } from "../openclaw/renew-credential";
import { readListener, writeListener } from "../store/listener-record";
import { connectVault, disconnectVault, inspectVault } from "../vault/external-vault";
import { trustedUids, whoListens } from "../vault/known-listener";
import type { DeployContext, RunPhase } from "./context";
import type { OpenedVault } from "./opened-vault";

/** Asks for an admin's token, which is used once and not kept. @param why what it is needed for: a sentence */
export type AskAdminToken = (why: string) => Promise<string>;

export function connectParametersOf({ home, external = {}, ...place }: Deployment): ConnectParameters {
  return { home: home.root, ...reachOf(place), external };
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
      fix: "If it is the Vault that is meant: answer yes on a terminal, or add --listener USER. Better, have it serve TLS.",
    });
  }
  writeListener(listener.home, address, uid);
  await phase(
    "Who listens",
    async () => who,
    (said) => said,
  );
}

/** Sees that an external Vault can be used, and has its admin write into it what is lacking for that. */
export async function connectExternalVault(
  context: DeployContext,
  askAdminToken: AskAdminToken,
  accept: AcceptListener,
): Promise<void> {
  const { deployment, phase } = context;
  await acceptListener(context, accept);
  const parameters = connectParametersOf(deployment);
  const { clusterId, missing } = await inspectVault(parameters, true);
  if (!missing) return;
  const token = await askAdminToken(
    `An admin's token for the Vault at ${deployment.address} is needed once, since ${missing}. It is not kept.`,
  );
  await phase(
    "Identities",
    (progress) =>
      connectVault(parameters, clusterId, { token, progress, renewCopies: renewPlacedCredential }),
    () => "written",
  );
}

/**
 * @param requireUnchanged whether policies and roles must be as declared. @default the deployer's policy alone
 * @throws UserError where it cannot be used
 */
export async function useExternalVault(
  { deployment }: DeployContext,
  requireUnchanged = false,
): Promise<OpenedVault> {
  const { missing } = await inspectVault(connectParametersOf(deployment), requireUnchanged);
  if (missing) throw notConnected(deployment.address, missing, deployment.instance);
  return {
    started: false,
    place: deployment,
    initialized: false,
    unsealed: false,
    identitiesWritten: false,
  };
}

/** Takes out of it what is this instance's, but for the key. */
export async function leaveExternalVault(
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
 * @throws UserError where Vault is external
 */
export function requireOwnVault({ external }: Deployment, what: string, fix: string): void {
  if (!external) return;
  throw new UserError({
    problem: `${what} takes the key shares, and this Vault is its owner's, with its shares.`,
    got: "an instance with `vault.address`",
    expected: "one with a Vault of its own",
    fix,
    exitCode: ExitCode.WrongUsage,
  });
}

export function notConnected(address: string, missing: string, instance?: string): UserError {
  const named = instance ? ` --instance ${instance}` : "";
  return new UserError({
    problem: `The Vault at ${address} cannot be used yet: ${missing}.`,
    fix: `openclaw-openrouter up${named}\nwhich asks for an admin's token, once (or takes it by --admin-token-file)`,
    exitCode: ExitCode.Failed,
  });
}
