import { dirname } from "node:path";
import type { MadeBackup } from "../../backup/make-backup";
import { backupFile, requireMounted } from "../../backup/places";
import { defined } from "../../core/defined";
import { readBackups } from "../../store/records/backup-record";
import { defineCommand } from "../define-command";
import { encryptionGiven, encryptionOptions } from "../input/encryption-input";
import { sharesOptions } from "../input/shares-input";
import { count, hostOptions, instanceOptions, option, optionGroup } from "../options/options";

/** The destination of a backup, and its content. */
export const backupOptions = optionGroup(
  option(
    "-o, --out <path>",
    "the file, or the folder for it (default: ~/.openclaw-openrouter-backups/<instance>/)",
  ),
  encryptionOptions,
);

/** How many backups are kept. @param byDefault default: all */
export function keepOption(byDefault?: number) {
  const made = option("--keep <n>", "remove all but the newest n backups in that folder afterwards", {
    parse: count,
  });
  return byDefault === undefined ? made : made.default(byDefault);
}

/** `backup create`: writes one file from which the instance can be rebuilt. */
export const register = defineCommand({
  name: "create",
  summary: "write Vault's snapshot and everything that a rebuild needs into one file",
  options: [instanceOptions, backupOptions, keepOption(), hostOptions, sharesOptions],
  needs: "context",
  ownVault: ["To back up", "Its owner backs it up: vault operator raft snapshot save F"],
  input: ({ options }) => encryptionGiven(options),
  run: async ({ context, deployment, options, input: sharesFor }) => {
    const { requireVault } = await import("../../session/require-vault");
    const { makeBackup } = await import("../../backup/make-backup");
    const { keepNewest } = await import("../../backup/retention");
    const { out, keep } = options;
    // Not for the backup before a restore or rebuild: a host whose backup disk is dead needs these.
    requireMounted(backupFile(deployment.instance, out), readBackups(deployment.home));
    await requireVault(context);
    const made = await context.phase("Backup", (progress) =>
      makeBackup(context, {
        ...defined({ out, sharesFor }),
        progress,
      }),
    );
    const { record, manifest } = made;
    const removed = keep === undefined ? [] : keepNewest(deployment.home, dirname(record.file), keep);
    return { json: { ...record, backup: manifest, removed }, text: describe(made, removed) };
  },
});

function describe({ record, manifest }: MadeBackup, removed: readonly string[]): string {
  const { withShares, vault } = manifest;
  const of = vault.generation === undefined ? "" : ` of generation ${vault.generation}`;
  const shares = withShares
    ? "Whoever decrypts its shares can open Vault: store the backup and the decryption key off this host."
    : `It holds no shares: the unseal key shares${of} open what is in it.`;
  return [
    ...removed.map((file) => `Removed the older backup ${file}.`),
    `\n${record.file}\nsha256 ${record.sha256}\n${shares}`,
  ].join("\n");
}
