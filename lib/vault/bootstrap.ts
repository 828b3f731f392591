import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import type { Progress } from "../core/progress";
import { type HomePaths, homePaths } from "../model/home-paths";
import type { BootstrapParameters } from "../model/run-parameters";
import { requireSupported } from "../model/vault/vault-version";
import { ensureHome } from "../store/home";
import { takeLock } from "../store/lock";
import { sealMigrationRecord } from "../store/records/seal-migration";
import { rememberShares } from "../store/records/shares-fingerprints";
import { readMovedOff, whoHasShares } from "../store/records/shares-record";
import { VaultClient, VaultFailure } from "./client";
import { tokenHelperFiles } from "./container/token-helper";
import type { VaultContainer } from "./container/vault-container";
import { enableEntities, endLockOuts } from "./identities/enable-entities";
import { inspectIdentities, noShares } from "./identities/inspect-identities";
import { activeRootToken } from "./identities/root";
import { withRootToken } from "./identities/root-session";
import { writeIdentities } from "./identities/write-identities";
import { initialize } from "./initialize";
import type { SealStatus } from "./schemas";
import { resumeRekey } from "./shares/resume-rekey";
import {
  initPendingRecord,
  type KeyShares,
  proveRoomForShares,
  readShares,
  sharesOnHost,
} from "./shares/shares-file";
import { unseal } from "./unseal";
import { waitForVault, waitUntilActive } from "./wait";
import { writeOwnVault } from "./write-own-vault";

/** What a Vault that was killed while it was initialized answers for ever, though it says that it is not initialized. */
const halfInitialized = /already (has state|initialized)/;

/** The operations of the container's engine that bootstrap needs. */
type VaultHost = Pick<VaultContainer, keyof VaultContainer>;

/** The steps between which a crash must lose nothing. Tests kill the process at each. */
export type BootstrapStep =
  | "answering"
  | "pending recorded"
  | "init answered"
  | "shares stored"
  | "pending removed"
  | "unsealed"
  | "root at hand"
  | "identities written"
  | "token helper written"
  | "resolver's credential written"
  | "root revoked";

export interface BootstrapOptions {
  readonly progress: Progress;
  /** Whether to set up the setup guide's command again, since the container's home volume may be new. @default false */
  readonly writeTokenHelper?: boolean;
  /** Whether to rewrite the identities even if all of them work. @default false */
  readonly renewIdentities?: boolean;
  /**
   * Whether everything that bootstrap writes must be as declared, since Terraform plans on it. What was changed is rewritten.
   * @default the deployer's policy alone
   */
  readonly requireUnchanged?: boolean;
  /** Asks for shares if they are needed and none are on this host. @default an error that says so */
  readonly askForShares?: AskForShares;
  /** Updates the copies of the reader's credential. Called once the new one is written. @returns a warning if it could not */
  readonly renewCopies: (home: HomePaths) => string | undefined;
  /** Called at each step. @default does nothing */
  readonly onStep?: (step: BootstrapStep) => Promise<void>;
}

/** @param threshold the number of shares that are needed */
export type AskForShares = (threshold: number) => Promise<KeyShares>;

/** What bootstrap did. */
export interface BootstrapResult {
  readonly initialized: boolean;
  readonly unsealed: boolean;
  readonly identitiesWritten: boolean;
  /** Why OpenClaw still has a revoked credential. @default it has the current one */
  readonly warning?: string;
}

/**
 * Prepares a Vault that was just started for Terraform: initialized, unsealed, with working identities and no active root
 * token. It skips what is already done, so it can be interrupted at any line and run again.
 * @throws UserError if Vault is initialized and its shares are missing, or the shares are another Vault's
 */
export async function bootstrap(
  parameters: BootstrapParameters,
  host: VaultHost,
  options: BootstrapOptions,
): Promise<BootstrapResult> {
  const { root, bootstrapLock } = homePaths(parameters.home);
  ensureHome(root);
  // Not the run's lock: a run may be killed while the step that it started continues.
  const lock = takeLock(bootstrapLock, "bootstrap", {});
  try {
    return await open(parameters, host, options);
  } finally {
    lock.release();
  }
}

async function open(
  parameters: BootstrapParameters,
  host: VaultHost,
  options: BootstrapOptions,
): Promise<BootstrapResult> {
  const { progress, onStep = async () => {} } = options;
  const home = homePaths(parameters.home);
  const vault = VaultClient.at(parameters);
  progress("waiting for Vault to answer");
  let status = await waitForVault(vault, () => host.requireAlive());
  // Even if the image's labels say otherwise, and before any share is created or used.
  requireSupported({ product: "Vault", version: status.version }, parameters.container);
  await onStep("answering");

  let shares: KeyShares | undefined = readShares(home.shares);
  const movedOff = readMovedOff(home);
  const unsealsItself = () => status.type !== "shamir" && !status.migration;
  if (status.migration) requireMigration(vault, home);
  // A Vault with auto-unseal is unsealed even if its shares were lost during initialization, so "unsealed" proves nothing then.
  if (status.initialized && (shares || movedOff || (!status.sealed && !unsealsItself())))
    initPendingRecord.remove(home);
  if (status.initialized && !shares && (await wasInitInterrupted(home, host)))
    status = await startAgain(vault, host, progress);
  else if (status.initialized && status.sealed && !shares && !unsealsItself())
    shares = await askedFor(options, status, sharesMissing(vault, home));
  const initialized = !status.initialized;
  if (!status.initialized) {
    if (shares || movedOff) throw sharesOfAnother(parameters, home);
    shares = await initializeEmpty(parameters, host, { progress, onStep }, unsealsItself());
    status = { ...status, initialized: true, sealed: !unsealsItself() };
  }
  const unsealed = status.sealed && !unsealsItself();
  if (unsealed) {
    progress(status.migration ? "migrating Vault to its new seal" : "unsealing Vault");
    const here = sharesOnHost(home);
    const accepted = await unseal(vault, ...(here.length > 0 ? here : [shares!]));
    rememberAccepted(home, accepted);
    shares = accepted ?? shares;
  } else if (status.sealed) progress(`waiting for Vault to be unsealed by its ${status.type}`);
  await waitUntilActive(vault);
  await resumeRekey(vault, home, unsealed ? shares : undefined);
  // It may have replaced the shares.
  shares = readShares(home.shares) ?? shares;
  await onStep("unsealed");

  const found = await inspectIdentities(vault, home, options.requireUnchanged ?? false);
  if (found.state === "usable" && !options.renewIdentities) {
    if (options.writeTokenHelper) await host.writeHomeFiles(tokenHelperFiles(found.reader));
    return { initialized, unsealed, identitiesWritten: false };
  }
  const left = await activeRootToken(vault, home);
  if (!left) shares ??= await askedFor(options, status, noShares(vault, home, found));
  if (found.state === "changed") progress(`was changed in Vault: ${found.what.join(", ")}`);
  const warning = await renewIdentities(vault, home, host, left ?? shares!, options);
  if (!left) rememberAccepted(home, shares);
  if (!left) await resumeRekey(vault, home, shares);
  return { initialized, unsealed, identitiesWritten: true, ...defined({ warning }) };
}

/** Initializes an empty Vault. It can be killed at any line: the next run resumes it. @returns its shares, which are stored */
async function initializeEmpty(
  parameters: BootstrapParameters,
  host: VaultHost,
  { progress, onStep }: Required<Pick<BootstrapOptions, "progress" | "onStep">>,
  unsealsItself: boolean,
): Promise<KeyShares> {
  const home = homePaths(parameters.home);
  const vault = VaultClient.at(parameters);
  progress(
    `initializing Vault with ${parameters.shares} key shares, ${parameters.threshold} of which ${unsealsItself ? "recover" : "unseal"} it`,
  );
  const initializeNew = async () => {
    proveRoomForShares(home.shares);
    const { name: volume, created: volumeCreated } = await host.dataVolume();
    initPendingRecord.write(home, { volume, volumeCreated, since: new Date().toISOString() });
    await onStep("pending recorded");
    const props = { ...parameters, path: home.shares, unsealsItself };
    return initialize(vault, props, () => onStep("init answered"));
  };
  const wasInterrupted = await wasInitInterrupted(home, host);
  const made = await initializeNew().catch(async (error) => {
    if (!wasInterrupted || !(error instanceof VaultFailure) || !halfInitialized.test(error.message))
      throw error;
    await startAgain(vault, host, progress);
    return initializeNew();
  });
  await onStep("shares stored");
  rememberShares(home, made);
  initPendingRecord.remove(home);
  await onStep("pending removed");
  return made;
}

/** Records the shares on this host, if Vault has accepted these. */
function rememberAccepted(home: HomePaths, accepted: KeyShares | undefined): void {
  const here = readShares(home.shares);
  if (here && here.shares.join() === accepted?.shares.join()) rememberShares(home, here);
}

/** The shares that a person gives, if there is somebody to ask. @throws the given error, which says why they are needed */
async function askedFor(
  { askForShares }: BootstrapOptions,
  { t }: SealStatus,
  otherwise: UserError,
): Promise<KeyShares> {
  if (!askForShares) throw otherwise;
  return askForShares(t);
}

/** @throws UserError if no seal migration was started by this program */
function requireMigration(vault: VaultClient, home: HomePaths): void {
  if (sealMigrationRecord.read(home)) return;
  throw new UserError({
    problem: `The Vault at ${vault.address} was started with another seal than its own, and waits for a seal migration.`,
    got: "no migration that this program started",
    expected: "its current seal",
    fix: "Restore `vault.seal` in the settings, then run: openclaw-openrouter up\nTo migrate it after that: openclaw-openrouter vault migrate-seal",
  });
}

/**
 * @param source an existing root token, or shares to make one
 * @returns the warning of `renewCopies`
 */
async function renewIdentities(
  vault: VaultClient,
  home: HomePaths,
  host: VaultHost,
  source: string | KeyShares,
  { progress, renewCopies, onStep = async () => {} }: BootstrapOptions,
): Promise<string | undefined> {
  progress("writing audit device, mount and identities");
  const write = async (root: VaultClient) => {
    await onStep("root at hand");
    await writeOwnVault(root);
    const { reader, destroyOld } = await writeIdentities(root, home);
    await enableEntities(root, home);
    await onStep("identities written");
    await host.writeHomeFiles(tokenHelperFiles(reader));
    await onStep("token helper written");
    const warning = renewCopies(home);
    await endLockOuts(root, home);
    await onStep("resolver's credential written");
    await destroyOld();
    progress("revoking the root token");
    return warning;
  };
  // An active root token is also the mark that the work is not done.
  const onRevoked = () => onStep("root revoked");
  return withRootToken(vault, home, source, write, { keepsOnFailure: true, onRevoked });
}

/**
 * Whether this program's record shows that the initialization of this Vault was interrupted before its shares were stored: it was
 * never unsealed.
 */
async function wasInitInterrupted(home: HomePaths, host: VaultHost): Promise<boolean> {
  const pending = initPendingRecord.read(home);
  if (!pending) return false;
  const volume = await host.dataVolume();
  return pending.volume === volume.name && pending.volumeCreated === volume.created;
}

/** Moves aside the data of a Vault that nobody can unseal, and starts an empty one. */
async function startAgain(vault: VaultClient, host: VaultHost, progress: Progress): Promise<SealStatus> {
  const { keptAt } = await host.setDataAside();
  progress(
    `the last initialization was interrupted before its shares were stored; its unused data is kept at ${keptAt}`,
  );
  return waitForVault(vault, () => host.requireAlive());
}

function sharesMissing(vault: VaultClient, home: HomePaths): UserError {
  return new UserError({
    problem: `The Vault at ${vault.address} is initialized and sealed, and its unseal key shares are not on this host.`,
    got: `no ${home.shares}`,
    expected: whoHasShares(home),
    fix: "openclaw-openrouter vault unseal\nwhich asks for them, or put shares.json back from a backup of the instance directory.",
  });
}

function sharesOfAnother(parameters: BootstrapParameters, home: HomePaths): UserError {
  return new UserError({
    problem: `The Vault at ${parameters.address} is empty, but this instance has the shares of one that was used.`,
    got: `a new volume ${parameters.dataVolume}`,
    expected: "the volume that holds the instance's data",
    fix: `Restore the old volume. If its data is lost, move ${home.shares}, ${home.sharesRecord} and ${home.root}/credentials away, if they exist, and run this again.`,
  });
}
