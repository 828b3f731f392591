import type { Manifest } from "../../backup/manifest";
import { withBackup } from "../../backup/open-backup";
import { type ProveOptions, proveBackup } from "../../backup/prove-backup";
import { retiredSince } from "../../backup/retired-since";
import { UserError } from "../../core/errors";
import { keyFingerprint } from "../../model/openrouter-key";
import { readKey } from "../../session/read-stored-key";
import { logIn } from "../../vault/log-in";

export interface VerifyBackupOptions extends ProveOptions {
  readonly file: string;
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
  /** Whether it was opened by the shares of who verified it, which proves who made it; its own do not. */
  readonly proved: boolean;
  /** Fingerprints of the keys that were rotated away since. */
  readonly retiredSince: readonly string[];
  readonly durationMs: number;
}

/**
 * Restores a backup once, to throw it away: into a Vault of its own without a network, which is unsealed with the original
 * shares, and in which the key is read as OpenClaw reads it. Nothing of the instance is changed.
 * @throws UserError where the backup cannot be restored, or what is in it is not what was backed up
 */
export async function verifyBackup(options: VerifyBackupOptions): Promise<VerifyReport> {
  const started = Date.now();
  const { home } = options.deployment;
  options.progress("reading the backup");
  return withBackup(options.file, (backup) =>
    proveBackup(backup, options, async ({ file, contents, areItsOwn }, root) => {
      options.progress("reading the key");
      const reader = await logIn(root, home, "reader");
      const stored = await readKey(reader ?? root);
      const found = stored?.key
        ? { version: stored.version, fingerprint: keyFingerprint(stored.key) }
        : undefined;
      const secret = sameAsThen(file, contents.manifest, found);
      return {
        version: 1,
        file,
        backup: contents.manifest,
        secret,
        readBy: reader ? ("reader" as const) : ("root" as const),
        proved: !areItsOwn,
        retiredSince: retiredSince(home, contents),
        durationMs: Date.now() - started,
      };
    }),
  );
}

function sameAsThen(
  file: string,
  { secret }: Manifest,
  found: VerifyReport["secret"] | undefined,
): VerifyReport["secret"] {
  if (found && secret?.fingerprint === found.fingerprint && secret.version === found.version) return found;
  const words = (key: VerifyReport["secret"] | undefined) =>
    key ? `version ${key.version} with fingerprint ${key.fingerprint}` : "no key";
  throw new UserError({
    problem: `What ${file} restores is not what was backed up.`,
    got: words(found),
    expected: words(secret),
    fix: "Somebody stored another key while the backup was made, or it had none. Make another one.",
  });
}
