import { UserError } from "../errors";
import { ensureHome } from "../instance/home";
import { takeLock } from "../instance/lock";
import { type HomePaths, homePaths } from "../model/home-paths";
import { identityNames } from "../model/identities";
import type { BootstrapParameters } from "../model/run-parameters";
import type { Progress } from "../progress";
import { VaultClient } from "./client";
import { type Credential, logIn, readCredential } from "./credentials";
import { initialize } from "./initialize";
import { generateRoot, isRootAlive, revokeRootTokens } from "./root";
import type { SealStatus } from "./schemas";
import {
  forgetRootToken,
  proveRoomForShares,
  readInitPending,
  readShares,
  rememberRootToken,
  removeInitPending,
  type Shares,
  writeInitPending,
} from "./shares-file";
import { type HomeFile, tokenHelperFiles } from "./token-helper";
import { unseal } from "./unseal";
import { waitForVault, waitUntilActive } from "./wait";
import { writeIdentities } from "./write-identities";

/** What bootstrap needs of the engine on which the container runs. */
export interface VaultHost {
  /** The data volume, told apart from a later one of the same name by its time of creation. */
  dataVolume(): Promise<{ readonly name: string; readonly created: string }>;
  /** Keeps the data volume's content under another name in the same volume, and starts Vault on an empty folder. */
  setDataAside(): Promise<{ readonly keptAt: string }>;
  writeHomeFiles(files: readonly HomeFile[]): Promise<void>;
}

/** The moments between which a crash must lose nothing. Tests kill the process at each. */
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
  | "root revoked";

export interface BootstrapOptions {
  readonly progress: Progress;
  /** Whether the guide's command is to be set up again, as where the container's home volume may be new. @default false */
  readonly writeTokenHelper?: boolean;
  /** Called at each step. @default nothing is done */
  readonly onStep?: (step: BootstrapStep) => Promise<void>;
}

/** What there was to do. */
export interface BootstrapResult {
  readonly initialized: boolean;
  readonly unsealed: boolean;
  readonly identitiesWritten: boolean;
}

/**
 * Brings a Vault that was just started to where Terraform can use it: initialised, unsealed, with working identities and
 * no living root token. What was done already is left alone, so it can be killed at any line and run again.
 * @throws UserError where the Vault was used and its shares are not here, or are another Vault's
 */
export async function bootstrap(
  parameters: BootstrapParameters,
  host: VaultHost,
  options: BootstrapOptions,
): Promise<BootstrapResult> {
  const { root, bootstrapLock } = homePaths(parameters.home);
  ensureHome(root);
  // Not the run's lock: a run may be killed while the step that it started goes on.
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
  { progress, writeTokenHelper = false, onStep = async () => {} }: BootstrapOptions,
): Promise<BootstrapResult> {
  const home = homePaths(parameters.home);
  const vault = VaultClient.at(parameters);
  progress("waiting for Vault to answer");
  let status = await waitForVault(vault);
  await onStep("answering");

  let shares = readShares(home.shares);
  if (status.initialized && (shares || !status.sealed)) removeInitPending(home.initPending);
  if (status.initialized && status.sealed && !shares) {
    status = await startAgain(vault, home, host, progress);
  }
  const initialized = !status.initialized;
  if (!status.initialized) {
    if (shares) throw sharesOfAnother(parameters, home);
    progress(
      `initialising Vault with ${parameters.shares} key shares, ${parameters.threshold} of which unseal it`,
    );
    proveRoomForShares(home.shares);
    const volume = await host.dataVolume();
    writeInitPending(home.initPending, {
      volume: volume.name,
      volumeCreated: volume.created,
      since: new Date().toISOString(),
    });
    await onStep("pending recorded");
    shares = await initialize(vault, { ...parameters, path: home.shares }, () => onStep("init answered"));
    await onStep("shares stored");
    removeInitPending(home.initPending);
    await onStep("pending removed");
    status = { ...status, initialized: true, sealed: true };
  }
  const unsealed = status.sealed;
  if (status.sealed) {
    progress("unsealing Vault");
    await unseal(vault, shares!);
  }
  await waitUntilActive(vault);
  await onStep("unsealed");

  const usable = await usableIdentities(vault, home, shares);
  if (usable && writeTokenHelper) await host.writeHomeFiles(tokenHelperFiles(usable));
  if (!usable) await renewIdentities(vault, home, host, shares, progress, onStep);
  return { initialized, unsealed, identitiesWritten: !usable };
}

/**
 * The reader's credential, where all identities can log in and no root token is left from a run that was cut off.
 */
async function usableIdentities(
  vault: VaultClient,
  home: HomePaths,
  shares: Shares | undefined,
): Promise<Credential | undefined> {
  if (shares?.rootToken && (await isRootAlive(vault, shares.rootToken))) return undefined;
  const clients = await Promise.all(identityNames.map((name) => logIn(vault, home, name)));
  if (clients.includes(undefined)) return undefined;
  forgetRootToken(home.shares);
  return readCredential(home, "reader");
}

async function renewIdentities(
  vault: VaultClient,
  home: HomePaths,
  host: VaultHost,
  shares: Shares | undefined,
  progress: Progress,
  onStep: (step: BootstrapStep) => Promise<void>,
): Promise<void> {
  const left = shares?.rootToken;
  const stored = left && (await isRootAlive(vault, left)) ? left : undefined;
  if (!stored && !shares) throw noIdentities(vault, home);
  progress("writing the identities of deployer, reader and auditor");
  const token = stored ?? (await generateRoot(vault, shares!));
  // Kept until it is revoked, so that a run that is cut off is finished by the next one.
  if (!stored) rememberRootToken(home.shares, token);
  const root = vault.withToken(token);
  await onStep("root at hand");
  const reader = await writeIdentities(root, home);
  await onStep("identities written");
  await host.writeHomeFiles(tokenHelperFiles(reader));
  await onStep("token helper written");
  progress("revoking the root token");
  await revokeRootTokens(root);
  await onStep("root revoked");
  forgetRootToken(home.shares);
}

/**
 * An initialised, sealed Vault without shares. Where our own record says that its initialisation was cut off before the
 * shares were stored, nobody ever unsealed it: its data is kept aside and a new one is made. All else is a stop.
 */
async function startAgain(
  vault: VaultClient,
  home: HomePaths,
  host: VaultHost,
  progress: Progress,
): Promise<SealStatus> {
  const pending = readInitPending(home.initPending);
  const volume = await host.dataVolume();
  if (pending?.volume !== volume.name || pending.volumeCreated !== volume.created)
    throw sharesMissing(vault, home);
  const { keptAt } = await host.setDataAside();
  progress(
    `the last initialisation was cut off before its shares were stored; its unused data is kept at ${keptAt}`,
  );
  return waitForVault(vault);
}

function sharesMissing(vault: VaultClient, home: HomePaths): UserError {
  return new UserError({
    problem: `The Vault at ${vault.address} is initialised and sealed, and its unseal key shares are not on this host.`,
    got: `no ${home.shares}`,
    expected: "the shares that its initialisation gave out",
    remedy: `Put shares.json back from a backup of the instance home, or unseal Vault by hand:\ndocker exec -it <container> vault operator unseal`,
  });
}

function sharesOfAnother(parameters: BootstrapParameters, home: HomePaths): UserError {
  return new UserError({
    problem: `The Vault at ${parameters.address} is empty, but this instance has the shares of one that was used.`,
    got: `a new volume ${parameters.dataVolume}`,
    expected: "the volume that holds the instance's data",
    remedy: `Bring the old volume back. If its data is lost for good, move ${home.shares} and ${home.root}/credentials away and run this again.`,
  });
}

function noIdentities(vault: VaultClient, home: HomePaths): UserError {
  return new UserError({
    problem: `The credentials in ${home.root}/credentials do not work at ${vault.address}, and there are no shares here to write new ones.`,
    got: "no usable credential",
    expected: "role_id and secret_id of deployer and reader, or the shares",
    remedy: "Put the instance home back from a backup.",
  });
}
