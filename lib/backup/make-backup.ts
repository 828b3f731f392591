import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { version } from "../../package.json";
import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import { notWritten } from "../core/files/files";
import { mountPointOf } from "../core/files/mount-point";
import type { Progress } from "../core/progress";
import { keyFingerprint } from "../model/openrouter-key";
import type { DeployContext } from "../session/context";
import { readStoredKey } from "../session/read-stored-key";
import { type BackupRecord, readBackups, writeBackups } from "../store/records/backup-record";
import { readMovedOff, whoHasShares } from "../store/records/shares-record";
import { writeForBackup } from "../vault/backup-mount";
import { VaultClient, VaultFailure } from "../vault/client";
import { logIn } from "../vault/log-in";
import { readShares, type Shares } from "../vault/shares/shares-file";
import { takeSnapshot } from "../vault/snapshot";
import { readSealStatus } from "../vault/wait";
import { writeArchive } from "./archive";
import { gatherContents } from "./contents";
import { declarationDigest } from "./declaration";
import type { Encryption } from "./encryption";
import { backupVersion, type Manifest } from "./manifest";
import { backupDraft, backupFile, removeDrafts } from "./places";
import { encryptShares } from "./shares-member";

interface MakeBackupOptions {
  /** `--out`. @default the instance's own backup folder */
  readonly out?: string;
  /** How to encrypt the shares for the backup. @default the backup contains no shares */
  readonly sharesFor?: Encryption;
  readonly progress: Progress;
}

export interface MadeBackup {
  readonly record: BackupRecord;
  readonly manifest: Manifest;
}

/**
 * Makes a backup of an instance whose Vault is open. First it writes what a rebuild needs besides Vault's data to Vault, so
 * that the snapshot contains it, encrypted and proved by Vault. It writes one whole file, or none.
 */
export async function makeBackup(context: DeployContext, options: MakeBackupOptions): Promise<MadeBackup> {
  const { deployment, instanceId } = context;
  const { home, instance } = deployment;
  const file = backupFile(instance, options.out);
  // Not beside the backup: it is read by its name, and the folder's owner, or a server, could put a link to another file there.
  const snapshot = join(home.snapshots, "of-backup.snap");
  const vault = VaultClient.at(deployment);
  const deployer = await logIn(vault, home, "deployer");
  if (!deployer) throw cannotLogIn(vault.address);
  const shares = options.sharesFor
    ? await encryptShares(sharesHere(readShares(home.shares), whoHasShares(home)), options.sharesFor)
    : undefined;

  try {
    options.progress("writing the instance's files to Vault");
    const manifest = await describe(context, vault, shares !== undefined);
    const contents = gatherContents(home, manifest, context.deployment.settingsFile);
    await writeForBackup(deployer, contents).catch((error) => {
      throw error instanceof VaultFailure && [403, 404].includes(error.status) ? noMount(error) : error;
    });
    options.progress("taking a snapshot of Vault");
    for (const path of [file, snapshot]) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // What a killed run left.
    rmSync(snapshot, { force: true });
    removeDrafts(file, instanceId);
    await takeSnapshot(deployer, snapshot);
    options.progress(`writing ${file}`);
    const draft = backupDraft(file, instanceId);
    const sha256 = await writeArchive(file, draft, { manifest, snapshot, ...(shares ? { shares } : {}) });
    const { created, vault: of } = manifest;
    const record: BackupRecord = {
      file,
      created,
      sha256,
      clusterId: of.clusterId,
      seal: of.seal,
      ...defined({ generation: of.generation }),
      mount: mountPointOf(dirname(file)),
    };
    writeBackups(home, [...readBackups(home), record]);
    return { record, manifest };
  } catch (error) {
    throw notWritten(file, error as NodeJS.ErrnoException);
  } finally {
    rmSync(snapshot, { force: true });
  }
}

async function describe(
  { deployment, instanceId }: DeployContext,
  vault: VaultClient,
  withShares: boolean,
): Promise<Manifest> {
  const { home, instance, settings } = deployment;
  const [status, stored] = await Promise.all([readSealStatus(vault), readStoredKey(vault, home)]);
  const generation = (readShares(home.shares) ?? readMovedOff(home))?.generation;
  const secret = stored?.key
    ? { version: stored.version, created: stored.created, fingerprint: keyFingerprint(stored.key) }
    : undefined;
  return {
    format: "openclaw-openrouter backup",
    version: backupVersion,
    program: `openclaw-openrouter ${version}`,
    instance,
    instanceId,
    created: new Date().toISOString(),
    vault: {
      version: status.version,
      clusterId: status.cluster_id ?? "",
      seal: status.type,
      // Through JSON, which drops unset options.
      ...(status.type === "shamir"
        ? {}
        : { sealSettings: JSON.parse(JSON.stringify(settings.vault.seal)) as Record<string, unknown> }),
      shares: status.n,
      threshold: status.t,
      ...defined({ generation }),
    },
    ...defined({ secret }),
    declaration: await declarationDigest(deployment),
    withShares,
  };
}

function sharesHere(shares: Shares | undefined, whoHas: string): Shares {
  if (shares) return shares;
  throw new UserError({
    problem: "The shares are not on this host, so the backup cannot contain them.",
    expected: whoHas,
    fix: "Run this command without --with-shares: the holders of the shares open the backup.",
  });
}

function noMount({ message }: VaultFailure): UserError {
  return new UserError({
    problem: "The deployer cannot write a backup's files to Vault.",
    got: message,
    expected: "a mount openclaw/, and the deployed policy of the deployer",
    fix: "openclaw-openrouter vault renew-identities\nwhich writes both again.",
  });
}

function cannotLogIn(address: string): UserError {
  return new UserError({
    problem: `The deployer's credential, which takes the snapshot, does not work at ${address}.`,
    fix: "openclaw-openrouter vault renew-identities",
  });
}
