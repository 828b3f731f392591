import { readKey } from "../deploy/read-stored-key";
import { UserError } from "../errors";
import type { EngineApi } from "../host/engine-api";
import type { Deployment } from "../model/deployment";
import { keyFingerprint } from "../model/openrouter-key";
import type { Progress } from "../progress";
import type { AskForShares } from "../vault/bootstrap";
import type { VaultClient } from "../vault/client";
import { logIn } from "../vault/credentials";
import { generateRoot } from "../vault/root";
import type { KeyShares } from "../vault/shares-file";
import type { Decryption } from "./encryption";
import { findShares } from "./find-shares";
import type { Manifest } from "./manifest";
import { type OpenBackup, withBackup } from "./open-backup";
import { requireVaultVersion } from "./require-version";
import { restoreInto } from "./restore-into";
import { sealVolumeOf } from "./seal-volume";
import { withThrowAwayVault } from "./throw-away-vault";

export interface VerifyBackupOptions {
  readonly file: string;
  readonly deployment: Deployment;
  readonly instanceId: string;
  readonly engine: EngineApi;
  /** Vault's image, as the engine has it. */
  readonly image: string;
  readonly decryption: () => Promise<Decryption>;
  readonly askForShares?: AskForShares;
  readonly progress: Progress;
}

/** What came of restoring a backup once, as `--json` gives it. */
export interface VerifyReport {
  readonly version: 1;
  readonly file: string;
  readonly backup: Manifest;
  /** The key in it, as it was read there. */
  readonly secret: { readonly version: number; readonly fingerprint: string };
  /**
   * Who read it. `root`: the reader's credential of this host is not the one of then, so that `restore` writes new identities.
   */
  readonly readBy: "reader" | "root";
  readonly durationMs: number;
}

/**
 * Restores a backup once, to throw it away: into a Vault of its own without a network, which is unsealed with the original
 * shares, and in which the key is read as OpenClaw reads it. Nothing of the instance is changed.
 * @throws UserError where the backup cannot be restored, or what is in it is not what was backed up
 */
export async function verifyBackup(options: VerifyBackupOptions): Promise<VerifyReport> {
  const started = Date.now();
  options.progress("reading the backup");
  return withBackup(options.file, options.decryption, async (backup) => {
    const { secret, readBy } = await drill(backup, options);
    requireSame(backup, secret);
    return {
      version: 1,
      file: backup.file,
      backup: backup.archive.manifest,
      secret,
      readBy,
      durationMs: Date.now() - started,
    };
  });
}

async function drill({ archive, snapshot }: OpenBackup, options: VerifyBackupOptions) {
  const { deployment, engine, image, instanceId, progress } = options;
  const shares = await findShares(archive, deployment.home, options.askForShares);
  const name = `${deployment.container}-throw-away`;
  const props = { name, image, instanceId, ...sealVolumeOf(deployment, archive) };
  return withThrowAwayVault(engine, props, async (vault) => {
    await requireVaultVersion(vault.client, archive.manifest);
    const client = await restoreInto(vault, { ...archive, snapshot, shares, progress });
    progress("reading the key");
    return readSecret(client, deployment, shares);
  });
}

async function readSecret(client: VaultClient, { home }: Deployment, shares: KeyShares) {
  const reader = await logIn(client, home, "reader");
  const who = reader ?? client.withToken(await generateRoot(client, shares));
  const stored = await readKey(who);
  const secret = stored?.key
    ? { version: stored.version, fingerprint: keyFingerprint(stored.key) }
    : undefined;
  return { secret, readBy: reader ? ("reader" as const) : ("root" as const) };
}

function requireSame(
  { file, archive: { manifest } }: OpenBackup,
  found: VerifyReport["secret"] | undefined,
): asserts found is VerifyReport["secret"] {
  const { secret } = manifest;
  if (found && secret?.fingerprint === found.fingerprint && secret.version === found.version) return;
  const words = (key: VerifyReport["secret"] | undefined) =>
    key ? `version ${key.version} with fingerprint ${key.fingerprint}` : "no key";
  throw new UserError({
    problem: `What ${file} restores is not what was backed up.`,
    got: words(found),
    expected: words(secret),
    remedy: "Somebody stored another key while the backup was made, or it had none. Make another one.",
  });
}
