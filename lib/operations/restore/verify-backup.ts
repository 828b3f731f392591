import type { Manifest } from "../../backup/manifest";
import { withBackup } from "../../backup/open-backup";
import { type ProveOptions, proveBackup } from "../../backup/prove-backup";
import { retiredSince } from "../../backup/retired-since";
import { UserError } from "../../core/errors";
import { keyFingerprint } from "../../model/openrouter-key";
import { readKey } from "../../session/read-stored-key";
import { logIn } from "../../vault/log-in";

interface VerifyBackupOptions extends ProveOptions {
  readonly file: string;
}

/** The result of verifying a backup, as `--json` prints it. */
export type VerifyReport = Awaited<ReturnType<typeof verifyBackup>>;

/** What identifies the key in a backup. */
type StoredThen = Pick<NonNullable<Manifest["secret"]>, "version" | "fingerprint">;

/**
 * Restores a backup into an ephemeral Vault without a network, unseals it with the original shares, and reads the key as
 * OpenClaw reads it. Changes nothing of the instance.
 * @throws UserError if the backup cannot be restored, or its contents are not what was backed up
 */
export async function verifyBackup(options: VerifyBackupOptions) {
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
        version: 1 as const,
        file,
        backup: contents.manifest,
        /** The key read from the restored backup. */
        secret,
        /**
         * The identity that read it. `root`: this host's reader credential does not fit the backup, so `restore` writes new
         * identities.
         */
        readBy: reader ? ("reader" as const) : ("root" as const),
        /** Whether shares from outside the backup opened it, which proves its origin. The backup's own shares prove nothing. */
        proved: !areItsOwn,
        /** The fingerprints of the keys that were rotated away since. */
        retiredSince: retiredSince(home, contents),
        durationMs: Date.now() - started,
      };
    }),
  );
}

function sameAsThen(file: string, { secret }: Manifest, found: StoredThen | undefined): StoredThen {
  if (found && secret?.fingerprint === found.fingerprint && secret.version === found.version) return found;
  const words = (key: StoredThen | undefined) =>
    key ? `version ${key.version} with fingerprint ${key.fingerprint}` : "no key";
  throw new UserError({
    problem: `What ${file} restores is not what was backed up.`,
    got: words(found),
    expected: words(secret),
    fix: "Another key was stored during the backup, or there was none. Make another backup.",
  });
}
