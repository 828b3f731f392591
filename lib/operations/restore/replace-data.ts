import { withEphemeralVault } from "../../backup/ephemeral-vault";
import type { OpenBackup } from "../../backup/open-backup";
import { requireVaultVersion } from "../../backup/require-version";
import { restoreInto } from "../../backup/restore-into";
import { defined } from "../../core/defined";
import { UserError } from "../../core/errors";
import type { Progress } from "../../core/progress";
import { removeContainer as removeFromEngine } from "../../docker/engine-api";
import { endEphemerals } from "../../docker/ephemeral";
import { ourContainer } from "../../docker/ours";
import {
  copyVolume,
  emptyVolume,
  ensureVolume,
  keptVolume,
  removeVolume,
  type Volumes,
} from "../../docker/volumes";
import { reachOf } from "../../model/deployment";
import { sealOf } from "../../model/vault/seal";
import { containerHost, type DeployContext } from "../../session/context";
import { openVault } from "../../session/open-vault";
import { requireShares } from "../../session/require-shares";
import { requireOurs } from "../../session/requirements";
import {
  doCopiesStay,
  type ReplacingRecord,
  replacingCommands,
  replacingRecord,
  wayToEnd,
} from "../../store/records/replacing-record";
import type { VaultClient } from "../../vault/client";
import { placeSeal } from "../../vault/container/place-seal";
import { prepareContainer } from "../../vault/container/prepare-container";
import type { KeyShares } from "../../vault/shares/shares-file";
import { unseal } from "../../vault/unseal";
import { waitUntilActive } from "../../vault/wait";
import { evictAgain } from "../hosts/evict-again";
import { forgetHomeFiles, isEvictedSince, keepHomeFiles, restoreHomeFiles } from "./kept-files";

interface ReplaceDataOptions {
  readonly command: ReplacingRecord["command"];
  readonly backup: OpenBackup;
  /** The shares that unseal the backup's data. */
  readonly shares: KeyShares;
  /** Whether the current data were backed up before, since Vault could be opened. */
  readonly isBackedUp: boolean;
  /** The file of that backup, which a resumed run reads. @default none reads it */
  readonly before?: string;
  /** Whether to re-create the container and volumes too. */
  readonly recreate: boolean;
  /** Records evictions, which are applied before Vault serves anybody. @default none */
  readonly recordEvictions?: () => void;
  /** Whether the backup's Vault serves hosts: their invitations that are open in it end. */
  readonly servesHosts: boolean;
  /** Changes the instance directory to fit the new data. Can be interrupted and repeated. */
  readonly changeHome: () => void;
  readonly progress: Progress;
}

/**
 * Replaces Vault's data with a backup's, and keeps a copy of the old data until {@link forgetData}. Vault is stopped
 * afterwards. If it fails, it restores the old data. If it is interrupted, a repeated call resumes it, and {@link
 * undoReplacing} restores the old data.
 */
export async function replaceData(context: DeployContext, options: ReplaceDataOptions): Promise<void> {
  const { command, backup, isBackedUp, before } = options;
  const record = await begin(context, { command, file: backup.file, isBackedUp, ...defined({ before }) });
  options.recordEvictions?.();
  try {
    await replace(context, options, record);
  } catch (error) {
    options.progress("restoring the previous data");
    await putBack(context, record, options).catch((second) => {
      throw new UserError({
        problem: `\`${replacingCommands[record.command]}\` could restore neither the backup nor the previous data. Both are kept.`,
        got: [error, second].map((each) => (each as Error).message).join("\n"),
        fix: `Check the engine: openclaw-openrouter doctor. Then\n${wayToEnd(record)}`,
      });
    });
    throw error instanceof UserError ? error : notReplaced(record, error);
  }
}

async function putBack(
  context: DeployContext,
  { hadData }: ReplacingRecord,
  { isBackedUp, progress }: ReplaceDataOptions,
): Promise<void> {
  if (!hadData) return removeAll(context);
  await undoReplacing(context, progress);
  await openVault(context, progress).catch((error) => {
    // What could not be opened before need not open now.
    if (isBackedUp) throw error;
  });
}

async function replace(
  context: DeployContext,
  options: ReplaceDataOptions,
  begun: ReplacingRecord,
): Promise<void> {
  const { deployment } = context;
  const { home, dataVolume, homeVolume } = deployment;
  const { backup, progress } = options;
  const volumes = volumesOf(context);
  let record = begun;
  await stopContainer(context);
  if (record.stage === "copying") {
    await copyAside(context, record, progress);
    record = { ...record, stage: "copied" };
    replacingRecord.write(home, record);
  }
  if (options.recreate) {
    await removeContainer(context);
    for (const volume of [dataVolume, homeVolume]) await removeVolume(volumes, volume);
  }
  for (const volume of [dataVolume, homeVolume]) await ensureVolume(volumes, volume);
  await emptyVolume(volumes, dataVolume);
  await placeFiles(context, progress);
  const { props, unsealsItself } = ephemeralOf(context);
  await withEphemeralVault(volumes.engine, props, async (vault) => {
    await requireVaultVersion(vault.client, backup.archive.manifest);
    const unsealIt = (sealed: VaultClient) => unseal(sealed, options.shares);
    const restored = { snapshot: backup.snapshot, unsealsItself, unsealIt, progress };
    // The snapshot can be older than an eviction, and than the use of an invitation.
    await evictAgain(deployment, await restoreInto(vault, restored), options.shares, {
      closesInvitations: options.servesHosts,
    });
  });
  options.changeHome();
  replacingRecord.write(home, { ...record, stage: "replaced" });
}

/**
 * Copies Vault's data for a re-created container that continues to use them. The previous container is removed, so that nothing
 * writes to the data in between. From then on, {@link undoReplacing} restores the copy.
 */
export async function keepData(
  context: DeployContext,
  { command, file, imageBefore, progress }: KeepDataOptions,
): Promise<void> {
  const { home } = context.deployment;
  const record = { ...(await begin(context, { command, file, isBackedUp: true })), imageBefore };
  replacingRecord.write(home, record);
  await stopContainer(context);
  if (record.stage === "copying") await copyAside(context, record, progress);
  replacingRecord.write(home, { ...record, stage: "replaced" });
  await removeContainer(context);
}

interface KeepDataOptions extends Pick<ReplaceDataOptions, "command" | "progress"> {
  /** The backup made before. */
  readonly file: string;
  readonly imageBefore: NonNullable<ReplacingRecord["imageBefore"]>;
}

async function copyAside(
  context: DeployContext,
  { hadData }: ReplacingRecord,
  progress: Progress,
): Promise<void> {
  const { home, dataVolume, homeVolume } = context.deployment;
  const volumes = volumesOf(context);
  if (hadData) {
    progress("copying the current data");
    for (const volume of [dataVolume, homeVolume]) await copyVolume(volumes, volume, keptVolume(volume));
  }
  keepHomeFiles(home);
}

/** Removes the new volumes, on a host that had no data before. */
async function removeAll(context: DeployContext): Promise<void> {
  const { dataVolume, homeVolume } = context.deployment;
  for (const volume of [dataVolume, homeVolume]) await removeVolume(volumesOf(context), volume);
  await forgetData(context);
}

/** Removes the copies of the old data. */
export async function forgetData(context: DeployContext): Promise<void> {
  const { home, dataVolume, homeVolume } = context.deployment;
  // First: without the record, nothing looks for the copies.
  replacingRecord.remove(home);
  forgetHomeFiles(home);
  for (const volume of [dataVolume, homeVolume]) await removeVolume(volumesOf(context), keptVolume(volume));
}

/**
 * Restores the data from before the replacement. Vault is stopped afterwards.
 * @throws UserError if nothing was replaced, or there were no data before
 */
export async function undoReplacing(context: DeployContext, progress: Progress): Promise<ReplacingRecord> {
  const { home, dataVolume, homeVolume } = context.deployment;
  const record = replacingRecord.read(home);
  if (!record?.hadData)
    throw new UserError({
      problem: record
        ? "There were no data before, so there is nothing to restore."
        : "Nothing was replaced, so there is nothing to undo.",
      got: record
        ? `\`${replacingCommands[record.command]}\` of ${record.since} onto an empty host`
        : `no ${home.replacing}`,
      ...(record ? { fix: "To start again: openclaw-openrouter destroy --purge" } : {}),
    });
  await stopContainer(context);
  // One of the newer image would be started on the previous data, and could change them.
  if (record.imageBefore) await removeContainer(context);
  if (record.stage !== "copying") {
    const volumes = volumesOf(context);
    for (const volume of [dataVolume, homeVolume]) {
      if (await volumes.engine.inspectVolume(keptVolume(volume))) continue;
      throw new UserError({
        problem: "The copy of the previous data is not on this engine. Nothing was changed.",
        got: `no volume ${keptVolume(volume)}`,
        fix: "Restore the previous backup instead: `openclaw-openrouter backup list` names it.",
      });
    }
    // Nothing may use the volumes until they are complete again.
    replacingRecord.write(home, { ...record, stage: "copied" });
    progress("restoring the previous data from the copy");
    for (const volume of [dataVolume, homeVolume]) await copyVolume(volumes, keptVolume(volume), volume);
    restoreHomeFiles(home, record.since);
    await evictFromPrevious(context, record, progress);
  }
  await forgetData(context);
  return record;
}

/** Takes the access of hosts away that were evicted since the copy: the previous data still have it. */
async function evictFromPrevious(
  context: DeployContext,
  { since, imageBefore }: ReplacingRecord,
  progress: Progress,
): Promise<void> {
  if (!isEvictedSince(context.deployment.home, since)) return;
  progress("taking the access of evicted hosts away again");
  const { props, unsealsItself } = ephemeralOf(context);
  // A newer Vault could change the data.
  const image = imageBefore?.reference ?? props.image;
  await withEphemeralVault(props.engine, { ...props, image }, async ({ client }) => {
    const shares = await requireShares(context, client, "Taking the access of evicted hosts away again");
    if (unsealsItself) await waitUntilActive(client);
    else await unseal(client, shares);
    await evictAgain(context.deployment, client, shares);
  });
}

async function begin(
  context: DeployContext,
  {
    command,
    file,
    isBackedUp,
    before,
  }: Pick<ReplaceDataOptions, "command" | "isBackedUp" | "before"> & Pick<KeepDataOptions, "file">,
): Promise<ReplacingRecord> {
  const { home, dataVolume } = context.deployment;
  await requireOurs(context);
  const known = replacingRecord.read(home);
  if (known && doCopiesStay(known, isBackedUp)) {
    const record: ReplacingRecord = { ...known, command, backup: file, stage: "copied" };
    replacingRecord.write(home, record);
    return record;
  }
  const hadData = (await volumesOf(context).engine.inspectVolume(dataVolume)) !== undefined;
  const since = new Date().toISOString();
  const stage = "copying";
  const record: ReplacingRecord = { command, backup: file, since, stage, hadData, ...defined({ before }) };
  replacingRecord.write(home, record);
  return record;
}

function volumesOf(context: DeployContext): Volumes {
  const { engine, image } = containerHost(context);
  return { engine: engine.api, image: image.reference, instanceId: context.instanceId };
}

/** An ephemeral Vault on the instance's data. */
function ephemeralOf(context: DeployContext) {
  const { container, dataVolume, homeVolume, settings } = context.deployment;
  const unsealsItself = sealOf(settings.vault.seal) !== undefined;
  const sealVolume = unsealsItself ? { sealVolume: homeVolume } : {};
  const props = { ...volumesOf(context), ...sealVolume, name: `${container}-ephemeral`, dataVolume };
  return { props, unsealsItself };
}

/**
 * Stops everything that uses Vault's data: its container, and the ephemeral ones of an interrupted run.
 * @throws UserError if the container is unmanaged
 */
async function stopContainer(context: DeployContext): Promise<void> {
  const { api } = containerHost(context).engine;
  const { dataVolume, homeVolume } = context.deployment;
  for (const volume of [dataVolume, homeVolume, keptVolume(dataVolume), keptVolume(homeVolume)])
    await endEphemerals(api, { volume });
  const container = await ourContainer(api, context.deployment.container, context.instanceId);
  if (!container) return;
  if (container.State.Status === "paused") await api.unpauseContainer(container.Id);
  await api.stopContainer(container.Id);
}

/** Removes the container, which the next deploy re-creates. @throws UserError if it is unmanaged */
export async function removeContainer(context: DeployContext): Promise<void> {
  const { api } = containerHost(context).engine;
  const container = await ourContainer(api, context.deployment.container, context.instanceId);
  if (container) await removeFromEngine(api, container.Id);
}

/** Places the files of the home volume. Terraform does this only for volumes that it creates. */
async function placeFiles(context: DeployContext, progress: Progress): Promise<void> {
  const { deployment, instanceId } = context;
  const { home, container, homeVolume, socketVolume, network, port, tls, gateway, settings } = deployment;
  const { engine, image } = containerHost(context);
  const of = { instanceId, container, homeVolume, image: image.reference };
  await ensureVolume(volumesOf(context), socketVolume);
  await prepareContainer(
    {
      ...{ ...of, home: home.root, socketVolume, network, port },
      ...defined({ tls, listen: settings.vault.listen, socketUser: gateway?.uid }),
    },
    engine.api,
    progress,
  );
  const seal = sealOf(settings.vault.seal);
  if (seal) await placeSeal({ ...of, ...reachOf(deployment), seal }, engine.api, progress);
}

function notReplaced({ command }: ReplacingRecord, error: unknown): UserError {
  return new UserError({
    problem: `\`${command}\` could not restore the backup. The previous data are in place.`,
    got: (error as Error).message,
    fix: "Check the engine: openclaw-openrouter doctor. Then run this command again.",
  });
}
