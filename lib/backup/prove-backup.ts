import { ifError, UserError } from "../core/errors";
import { requireRoom } from "../core/files/room";
import { readFromBackup } from "../vault/backup-mount";
import type { VaultClient } from "../vault/client";
import { type FoundHost, findHosts } from "../vault/hosts/find-hosts";
import { withUnrecordedRootToken } from "../vault/identities/root-session";
import type { KeyShares } from "../vault/shares/shares-file";
import { unsealsBy } from "../vault/unseal";
import { readSealStatus } from "../vault/wait";
import { type Contents, judgeContents } from "./contents";
import { type FoundShares, requireWayToShares, type SharesSource, sharesFromElsewhere } from "./find-shares";
import type { OpenBackup } from "./open-backup";
import { proveHosts } from "./prove-hosts";
import { type RestoreOn, withRestored } from "./restore-into";
import { requireSameSeal } from "./seal-volume";

/** The environment in which a backup is opened. */
export interface ProveOptions extends RestoreOn {
  readonly shares: SharesSource;
}

/** A backup with an opened snapshot. */
export interface ProvedBackup extends OpenBackup, FoundShares {
  /** The validated contents besides Vault's data. */
  readonly contents: Contents;
  /** The cluster id of the restored Vault. */
  readonly clusterId: string;
  /** The OpenClaw hosts that it serves besides the instance's own. */
  readonly hosts: readonly FoundHost[];
  /** The keys that the record of the hosts names and this Vault does not hold for them: they are not in {@link contents}. */
  readonly unproved: readonly string[];
}

/** The copies of the data that Vault needs space for: it writes files and databases for a restore and a restart. */
const copiesOfData = 4;

/**
 * Opens a backup's snapshot in an ephemeral Vault, with the shares, and reads the instance's other contents from it. Only a
 * holder of the shares or of the deployer's credential can have written these. Writes nothing of the instance.
 * @param work called while that Vault runs, with its root token
 * @throws UserError if it cannot be opened, or if this program did not write its contents
 */
export async function proveBackup<T>(
  backup: OpenBackup,
  options: ProveOptions,
  work: (proved: ProvedBackup, root: VaultClient) => Promise<T>,
): Promise<T> {
  try {
    return await open(backup, options, work);
  } catch (error) {
    throw isTold(error) ? error : notOpened(error);
  }
}

async function open<T>(
  backup: OpenBackup,
  options: ProveOptions,
  work: (proved: ProvedBackup, root: VaultClient) => Promise<T>,
): Promise<T> {
  const { deployment, host, progress } = options;
  const { manifest, dataSize } = backup.archive;
  requireSameSeal(deployment, manifest);
  requireWayToShares(backup.archive, options.shares);
  requireRoom(host.engine.dataFolder, copiesOfData * dataSize, "a temporary Vault with the backup's data");
  let found: FoundShares | undefined;
  const unsealIt = async (sealed: VaultClient) => {
    found = await unsealByAny(sealed, backup, options.shares);
  };
  return withRestored(options, backup, unsealIt, async (client) => {
    const opened = found ?? (await recoverySharesOf(client, backup, options.shares));
    progress("reading the instance's files");
    return withUnrecordedRootToken(client, opened.shares, async (root) => {
      const document = await readFromBackup(root);
      if (!document) throw nothingInside(backup.file);
      const hosts = await findHosts(root);
      const { contents, unproved } = proveHosts(judgeContents(document, manifest), hosts);
      const { cluster_id: clusterId = "" } = await readSealStatus(client);
      return work({ ...backup, ...opened, contents, clusterId, hosts, unproved }, root);
    });
  });
}

async function unsealByAny(
  client: VaultClient,
  { archive }: OpenBackup,
  source: SharesSource,
): Promise<FoundShares> {
  const fitting = await unsealsBy(client, ...source.onHost);
  if (fitting) return { shares: fitting, areItsOwn: false };
  const { t } = await readSealStatus(client);
  const found = await sharesFromElsewhere(archive, t, source);
  if (await unsealsBy(client, found.shares)) return found;
  throw doNotFit();
}

/** The recovery shares of a Vault that unseals itself. They create a root token. */
async function recoverySharesOf(
  client: VaultClient,
  { archive }: OpenBackup,
  source: SharesSource,
): Promise<FoundShares> {
  for (const shares of source.onHost) {
    if (await makesRoot(client, shares)) return { shares, areItsOwn: false };
  }
  const { t } = await readSealStatus(client);
  return sharesFromElsewhere(archive, t, source);
}

function makesRoot(client: VaultClient, shares: KeyShares): Promise<boolean> {
  return withUnrecordedRootToken(client, shares, async () => {}).then(
    () => true,
    ifError(UserError, () => false),
  );
}

function doNotFit(): UserError {
  return new UserError({
    problem: "These shares do not unseal what is in the backup. Nothing was changed.",
    got: "shares of another Vault, or of another generation",
    expected: "the shares from the time of the backup",
    fix: "`openclaw-openrouter backup list` shows the generation of each backup.",
  });
}

/** Whether an error is reported unchanged: an error for the person, or Ctrl-C at a prompt. */
function isTold(error: unknown): boolean {
  return error instanceof UserError || (error as Error).name === "ExitPromptError";
}

function notOpened(error: unknown): UserError {
  return new UserError({
    problem: "The backup could not be opened in a temporary Vault. Nothing was changed.",
    got: (error as Error).message,
    fix: "Check the engine: openclaw-openrouter doctor. Then run this command again.",
  });
}

function nothingInside(file: string): UserError {
  return new UserError({
    problem: `${file} cannot be restored: its snapshot contains no instance. Nothing was changed.`,
    got: "a snapshot of Vault alone, or one taken while a backup was being written",
    expected: "a file created by `openclaw-openrouter backup create`",
    fix: "Use another backup.",
  });
}
