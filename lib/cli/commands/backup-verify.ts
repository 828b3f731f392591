import { resolve } from "node:path";
import { Argument } from "commander";
import type { VerifyReport } from "../../operations/restore/verify-backup";
import { defineCommand } from "../define-command";
import { decryptionOptions } from "../input/encryption-input";
import { sharesOptions } from "../input/shares-input";
import { hostOptions, instanceOptions } from "../options/options";
import { sharesSource, trustOption } from "../trust";

/** `backup verify`: checks that an instance can be rebuilt from a backup. */
export const register = defineCommand({
  name: "verify",
  summary: "restore a backup into an ephemeral Vault, and read the key from it",
  arguments: [new Argument("<file>", "the backup")],
  options: [instanceOptions, decryptionOptions, trustOption, hostOptions, sharesOptions],
  needs: "context",
  mayAsk: true,
  // A file that is no backup is refused before the host is prepared, which can take minutes and start the engine.
  input: async ({ command }) => {
    const { withBackup } = await import("../../backup/open-backup");
    await withBackup(resolve(command.processedArgs[0]), async () => {});
  },
  run: async ({ context, deployment, options, command }) => {
    const { containerHost } = await import("../../session/context");
    const { verifyBackup } = await import("../../operations/restore/verify-backup");
    const shares = await sharesSource(deployment.home, options);
    const report = await context.phase("Restore drill", (progress) =>
      verifyBackup({
        file: resolve(command.processedArgs[0]),
        deployment,
        instanceId: context.instanceId,
        host: containerHost(context),
        shares,
        progress,
      }),
    );
    return { json: report, text: describe(report) };
  },
});

function describe({ backup, secret, readBy, proved, retiredSince, durationMs }: VerifyReport): string {
  const who = readBy === "reader" ? "the reader" : "root, since the reader's credential is a newer one";
  const lines = [
    `
The backup of ${backup.created} restores: Vault ${backup.vault.version} was unsealed with its
shares, and the key with fingerprint ${secret.fingerprint} (version ${secret.version}) was
read as ${who}. ${(durationMs / 1000).toFixed(1)} s; nothing of it is left.`,
  ];
  if (!proved) lines.push("It was opened by its own shares, so nothing proves who made it.");
  if (retiredSince.length > 0) lines.push(`Keys rotated away since: ${retiredSince.join(", ")}`);
  return lines.join("\n");
}
