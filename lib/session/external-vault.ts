import { rmSync } from "node:fs";
import { UserError, wrongUsage } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { describeListener } from "../host/port-owner";
import { type Deployment, reachOf } from "../model/deployment";
import type { ConnectParameters } from "../model/run-parameters";
import { renewPlacedCredential } from "../openclaw/renew-credential";
import { readHosts } from "../store/records/hosts-record";
import { readListener, writeListener } from "../store/records/listener-record";
import { connectVault, disconnectVault, inspectVault } from "../vault/external-vault";
import { trustedUids, whoListens } from "../vault/known-listener";
import type { DeployContext, EngineContext, RunPhase } from "./context";
import { type OpenedVault, withWarning } from "./opened-vault";

/** Asks for an admin's token, which is used once and not kept. @param why the reason, as a sentence */
export type AskAdminToken = (why: string) => Promise<string>;

function connectParametersOf({ home, external, ...place }: Deployment): ConnectParameters {
  return { home: home.root, ...reachOf(place), ...(external ? { external } : {}) };
}

/**
 * Asks whether a listener is the expected Vault, if no certificate proves it.
 * @param who for people: the address, the program and the uid
 */
export type AcceptListener = (who: string, uid: number) => Promise<boolean>;

/**
 * Shows who listens at the plain HTTP address of an external Vault before anything is sent there, and records it: later runs
 * send nothing to another listener. A person must accept a listener of a user other than root or the caller.
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
      problem: `The listener at ${address} was not accepted: nothing was sent there.`,
      got: who,
      expected:
        recorded === undefined ? "root, or the user who runs this command" : `uid ${recorded}, as before`,
      fix: "If it is the expected Vault: answer yes on a terminal, or add --listener USER. Better, let Vault serve TLS.",
    });
  }
  writeListener(listener.home, address, uid);
  await phase(
    "Who listens",
    async () => who,
    (said) => said,
  );
}

/** Checks that an external Vault can be used, and writes what is missing in it with an admin's token. */
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
    (warning) => withWarning("written", warning),
  );
}

/**
 * @param requireUnchanged whether policies and roles must be as declared. @default only the deployer's policy
 * @throws UserError if it cannot be used
 */
export async function useExternalVault(
  { deployment }: EngineContext,
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

/**
 * Removes the instance's roles and policies from an external Vault. The key stays.
 * @throws UserError if hosts use that Vault: only this instance's record names their roles, and the deployer cannot remove them
 */
export async function leaveExternalVault(
  deployment: Deployment,
  phase: RunPhase,
  askAdminToken: AskAdminToken,
): Promise<void> {
  requireNoHosts(deployment);
  await phase("Roles and policies in Vault", () =>
    disconnectVault(connectParametersOf(deployment), { askAdminToken }),
  );
  // Nothing is deployed from now on.
  rmSync(deployment.home.deployed, { force: true });
}

function requireNoHosts({ home, address }: Deployment): void {
  const names = readHosts(home).hosts.map(({ name }) => name);
  if (names.length === 0) return;
  throw new UserError({
    problem: `Hosts that this instance invited use the Vault at ${address}, and would keep their access. Nothing was changed.`,
    got: names.join(", "),
    expected: "no hosts: only this instance knows what they have there",
    fix: `${names.map((name) => `openclaw-openrouter host evict ${name}`).join("\n")}\nwith OPENROUTER_MANAGEMENT_KEY to disable their keys too. Then run this again.`,
  });
}

/**
 * Refuses a command that needs the key shares of the instance's own Vault.
 * @param what the purpose of the shares: the start of the sentence "… takes the key shares"
 * @throws UserError if Vault is external
 */
export function requireOwnVault({ external }: Deployment, what: string, fix: string): void {
  if (!external) return;
  throw wrongUsage({
    problem: `${what} takes the key shares, and this Vault is its owner's, with its shares.`,
    got: "an instance with `vault.address`",
    expected: "one with a Vault of its own",
    fix,
  });
}

/**
 * Refuses a command on a host that joined another instance's Vault.
 * @param command such as `key rotate`
 * @throws UserError (wrong usage) if it is one
 */
export function requireNotJoined({ external, instance }: Deployment, command: string): void {
  if (external?.joinedAs === undefined) return;
  const { joinedAs: name } = external;
  throw wrongUsage({
    problem: `\`${command}\` is for the host that deployed the Vault: the instance ${instance} joined it as ${name}.`,
    expected: "on a joined host: check, drift, status, alerts, schedule, host join, destroy",
    fix: command.startsWith("key ")
      ? `On the Vault's host, the command \`host rotate ${name}\` replaces its key, or its limit by --limit-eur.`
      : command === "up" || command === "deploy"
        ? "To place OpenClaw's files and check again: openclaw-openrouter host join"
        : "Run it there.",
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
