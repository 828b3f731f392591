import { table } from "../../core/text";
import { minuteOf } from "../../core/time";
import { type BackupRecord, presentAmong, readBackups } from "../../store/records/backup-record";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `backup list`: lists the backups and the generation of the shares that open each. */
export const register = defineCommand({
  name: "list",
  summary: "list the backups made on this host",
  options: [instanceOptions],
  needs: "deployed",
  run: async ({ deployment }) => {
    const recorded = readBackups(deployment.home);
    const present = presentAmong(recorded);
    const backups = recorded.map((backup) => ({ ...backup, present: present.includes(backup) }));
    const view =
      table(backups.map(rowOf)) || "There is no backup. To make one: openclaw-openrouter backup create";
    return { json: { backups }, view };
  },
});

function rowOf({
  file,
  created,
  generation,
  present,
}: BackupRecord & { readonly present: boolean }): string[] {
  const shares = generation === undefined ? "" : `shares of generation ${generation}`;
  return [minuteOf(created), shares, present ? file : `${file} (missing)`];
}
