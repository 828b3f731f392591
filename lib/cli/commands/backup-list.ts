import { existsSync } from "node:fs";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `backup list`: lists the backups and the generation of the shares that open each. */
export const register = defineCommand({
  name: "list",
  summary: "list the backups made on this host",
  options: [instanceOptions],
  needs: "deployed",
  run: async ({ deployment }) => {
    const { readBackups } = await import("../../store/records/backup-record");
    const backups = readBackups(deployment.home).map((backup) => ({
      ...backup,
      present: existsSync(backup.file),
    }));
    const lines = backups.map(
      ({ file, created, generation, present }) =>
        `${created.slice(0, 19)}Z  ${present ? "" : "(missing) "}${file}${generation ? `  shares ${generation}` : ""}`,
    );
    return {
      json: { backups },
      text: lines.join("\n") || "There is no backup: openclaw-openrouter backup create",
    };
  },
});
