import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { version } from "../../package.json";
import type { DeployContext } from "../deploy/context";
import { readStoredKey } from "../deploy/read-stored-key";
import { UserError } from "../errors";
import { type BackupRecord, readBackups, writeBackups } from "../instance/backup-record";
import { notWritten } from "../instance/files";
import { instanceHome } from "../instance/home";
import { readMovedOff } from "../instance/shares-record";
import { keyFingerprint } from "../model/openrouter-key";
import type { Progress } from "../progress";
import { findSettingsFile } from "../settings-file";
import { VaultClient } from "../vault/client";
import { logIn } from "../vault/credentials";
import { readShares } from "../vault/shares-file";
import { takeSnapshot } from "../vault/snapshot";
import { readSealStatus } from "../vault/wait";
import { writeArchive } from "./archive";
import { declarationDigest } from "./declaration";
import type { Encryption } from "./encryption";
import { homeMembers, type Member } from "./home-members";
import { backupVersion, type Manifest } from "./manifest";
import { backupFile } from "./places";

export interface MakeBackupOptions {
  /** `--out`. @default the instance's own folder of backups */
  readonly out?: string;
  /** Whether what opens Vault goes into it as well: then it is to be encrypted. @default false */
  readonly withShares?: boolean;
  readonly encryption?: Encryption;
  /** `--settings` */
  readonly settingsFile?: string;
  readonly progress: Progress;
}

export interface MadeBackup {
  readonly record: BackupRecord;
  readonly manifest: Manifest;
}

/**
 * Makes a backup of an instance whose Vault is open: its snapshot, and what a rebuild needs besides. It is one file, which is
 * there whole or not at all.
 */
export async function makeBackup(context: DeployContext, options: MakeBackupOptions): Promise<MadeBackup> {
  const { deployment, instanceId } = context;
  const { home, instance } = deployment;
  const file = backupFile(instance, options.out, options.encryption !== undefined);
  const vault = VaultClient.at(deployment);
  const deployer = await logIn(vault, home, "deployer");
  if (!deployer) throw cannotLogIn(vault.address);

  const snapshot = `${file}.${process.pid}.snap`;
  try {
    options.progress("taking a snapshot of Vault");
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    await takeSnapshot(deployer, snapshot);
    const [status, stored] = await Promise.all([readSealStatus(vault), readStoredKey(vault, home)]);
    const generation = (readShares(home.shares) ?? readMovedOff(home))?.generation;
    const manifest: Manifest = {
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
        shares: status.n,
        threshold: status.t,
        ...(generation === undefined ? {} : { generation }),
      },
      ...(stored?.key
        ? {
            secret: {
              version: stored.version,
              created: stored.created,
              fingerprint: keyFingerprint(stored.key),
            },
          }
        : {}),
      declaration: await declarationDigest(deployment),
      withShares: options.withShares === true,
    };
    options.progress(`writing ${file}`);
    const sha256 = await writeArchive(file, {
      manifest,
      members: [...settingsMember(context, options.settingsFile), ...homeMembers(home, manifest.withShares)],
      snapshot,
      ...(options.encryption ? { encryption: options.encryption } : {}),
    });
    const { created, vault: of } = manifest;
    const record: BackupRecord = {
      file,
      created,
      sha256,
      clusterId: of.clusterId,
      seal: of.seal,
      ...(generation === undefined ? {} : { generation }),
    };
    writeBackups(home, [...readBackups(home), record]);
    return { record, manifest };
  } catch (error) {
    throw notWritten(file, error as NodeJS.ErrnoException);
  } finally {
    rmSync(snapshot, { force: true });
  }
}

/** The folder of a backup's settings, in it. */
export const settingsPrefix = "settings/";

function settingsMember({ deployment }: DeployContext, explicitPath: string | undefined): Member[] {
  const file = findSettingsFile({
    instance: deployment.instance,
    home: instanceHome(deployment.instance),
    projectRoot: process.cwd(),
    ...(explicitPath ? { explicitPath } : {}),
  });
  return file ? [{ name: `${settingsPrefix}${basename(file)}`, content: readFileSync(file) }] : [];
}

function cannotLogIn(address: string): UserError {
  return new UserError({
    problem: `The deployer's credential does not work at ${address}, and it takes the snapshot.`,
    remedy: "npx openclaw-openrouter recover",
  });
}
