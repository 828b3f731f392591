import { UserError, type UserErrorProps } from "../core/errors";
import type { Progress } from "../core/progress";
import type { EngineApi } from "../docker/engine-api";
import { isOurs } from "../docker/ours";
import type { EngineContainer } from "../docker/schemas";
import { startVaultContainer } from "../docker/vault-network";
import type { HomePaths } from "../model/home-paths";
import type { CheckParameters } from "../model/run-parameters";
import { type CertificateOwner, renewCertificateIfDue } from "../session/renew-certificate";
import { readInstance } from "../store/home";
import { journal } from "../store/journal";
import { takeLock } from "../store/lock";
import { requireWholeData } from "../store/records/replacing-record";
import { whoHasShares } from "../store/records/shares-record";
import type { VaultClient } from "../vault/client";
import { reachExternalVault } from "../vault/external-vault";
import type { SealStatus } from "../vault/schemas";
import { readShares, sharesOnHost } from "../vault/shares/shares-file";
import { VaultUnreachable } from "../vault/unanswered";
import { unseal } from "../vault/unseal";
import { readSealStatus, waitForVault, waitUntilActive } from "../vault/wait";

/** What a run of checks needs to start and unseal Vault. */
interface VaultOpener {
  readonly parameters: CheckParameters;
  readonly home: HomePaths;
  /** The engine that runs Vault's container; undefined if no engine is reachable. */
  readonly engine: EngineApi | undefined;
  /** Whether to start a stopped container and unseal a sealed Vault, if the shares are on this host. */
  readonly mayUnseal: boolean;
  readonly progress: Progress;
}

/** A Vault that answers. */
export interface AnsweringVault {
  readonly status: SealStatus;
  /** Whether its container was stopped or paused, and this run started it. */
  readonly started: boolean;
}

/** A Vault that is unsealed and active. */
export interface UnsealedVault {
  readonly started: boolean;
  /** Whether it was sealed, and this run unsealed it. */
  readonly unsealed: boolean;
}

/**
 * Reaches Vault. Starts a stopped or paused container if the caller permits it and this host can unseal Vault.
 * @throws UserError if Vault does not answer
 */
export async function reachVault(context: VaultOpener, vault: VaultClient): Promise<AnsweringVault> {
  // Only its owner starts an external Vault.
  if (context.parameters.external) return { status: await readSealStatus(vault), started: false };
  // Before the first call to Vault: a paused container accepts a call and never answers it.
  await renewCertificateIfDue(certificateOf(context));
  const container = await ownContainer(context);
  const state = container?.State.Status;
  if (state !== undefined && state !== "running") {
    if (!mayOpen(context)) {
      const problem = `Vault does not answer: its container ${context.parameters.container} is ${state}.`;
      throw unusable(problem, "openclaw-openrouter vault unseal");
    }
    context.progress(`starting the container ${context.parameters.container}`);
    await changing(context, "started", () =>
      startVaultContainer(context.engine!, container!, readInstance(context.home.root)?.id ?? ""),
    );
    await renewCertificateIfDue(certificateOf(context));
    return { status: await waitForVault(vault), started: true };
  }
  try {
    return { status: await readSealStatus(vault), started: false };
  } catch (error) {
    if (!(error instanceof VaultUnreachable) || !context.engine || state) throw error;
    const { address, container } = context.parameters;
    throw unusable(`Vault does not answer at ${address}.`, "openclaw-openrouter up", {
      got: `no container ${container} of this instance`,
      expected: "the instance's own container",
    });
  }
}

/**
 * Waits until Vault is unsealed and active; unseals it if the caller permits it and the shares are on this host.
 * @throws UserError if Vault stays sealed
 */
export async function unsealVault(
  context: VaultOpener,
  vault: VaultClient,
  { status, started }: AnsweringVault,
): Promise<UnsealedVault> {
  if (context.parameters.external) {
    await reachExternalVault(context.parameters, vault);
    return { started, unsealed: false };
  }
  if (!status.initialized) {
    throw unusable("Vault is not initialized.", "openclaw-openrouter up", {
      got: "an empty Vault",
      expected: "the one that was deployed",
    });
  }
  const unsealsItself = status.type !== "shamir";
  // Right after its start, an auto-unseal still takes a moment.
  if (status.sealed && unsealsItself && !started) throw sealedByItself(status);
  if (status.sealed && !unsealsItself) {
    if (!mayOpen(context)) throw sealed(context);
    // The certificate proves that Vault answers; only the engine can tell whether the instance's own container runs.
    if ((await ownContainer(context))?.State.Status !== "running") throw sealedWithoutEngine();
    await changing(context, "unsealed", async () => {
      await unseal(vault, ...sharesOnHost(context.home));
    });
    return { started, unsealed: true };
  }
  await waitUntilActive(vault);
  return { started, unsealed: false };
}

/** The instance's own container; undefined if there is none, or no engine is reachable. */
async function ownContainer({ engine, parameters, home }: VaultOpener): Promise<EngineContainer | undefined> {
  const container = await engine?.inspectContainer(parameters.container);
  return container && isOurs(container, readInstance(home.root)?.id) ? container : undefined;
}

function certificateOf({ engine, parameters }: VaultOpener): CertificateOwner {
  const { instance, home, container, port, tls } = parameters;
  return { instance, home, container, port, ...(tls ? { tls } : {}), ...(engine ? { engine } : {}) };
}

function unusable(problem: string, fix: string, more?: Pick<UserErrorProps, "got" | "expected">): UserError {
  return new UserError({ problem, fix, ...more });
}

function mayOpen(context: VaultOpener): boolean {
  const { seal } = context.parameters;
  return context.mayUnseal && (seal !== undefined || readShares(context.home.shares) !== undefined);
}

/**
 * Runs a change of the instance under its lock, and records it in the journal.
 * @throws UserError if Vault's data is incomplete: restored data serves nobody before its evictions are applied
 */
async function changing(context: VaultOpener, what: string, change: () => Promise<void>): Promise<void> {
  const lock = takeLock(context.home.lock, "check");
  try {
    requireWholeData(context.home);
    await change();
    journal(context.home.journal, { command: "check", result: what });
  } finally {
    lock.release();
  }
}

function sealedByItself({ type, migration }: SealStatus): UserError {
  if (migration)
    return unusable("A seal migration of Vault is pending.", "openclaw-openrouter vault migrate-seal");
  return unusable(
    `Vault is sealed: its ${type} does not unseal it.`,
    "Check that the service of `vault.seal` in the settings answers and accepts the credentials. Vault's log has the reason: docker logs",
  );
}

function sealedWithoutEngine(): UserError {
  return unusable(
    "Vault is sealed, and no Docker Engine confirms that this instance's container runs. No share was sent to it.",
    "openclaw-openrouter doctor\nshows what is wrong with the engine. Fix it, then run this again.",
    { expected: "the engine that runs its container" },
  );
}

function sealed({ mayUnseal, home }: VaultOpener): UserError {
  const why = mayUnseal ? "its shares are not on this host" : "unsealing it was not permitted (--no-unseal)";
  const more = mayUnseal ? { expected: whoHasShares(home) } : {};
  return unusable(`Vault is sealed, and ${why}.`, "openclaw-openrouter vault unseal", more);
}
