import { existsSync } from "node:fs";
import type { Deployment } from "../../model/deployment";
import { type RekeyRecord, rekeyRecord } from "../../store/records/rekey-record";
import { uninstallSchedule } from "./schedule";

/**
 * Removes the schedule that unseals Vault, if an interrupted rekey ended just now whose shares people have: those of this host are
 * gone, and the schedule would fail after each restart.
 * @param begun the record of a rekey before Vault was opened, which ends one
 * @returns a warning, if a line stays in the crontab
 */
export async function endUnsealing(
  { home, instance }: Pick<Deployment, "home" | "instance">,
  begun: RekeyRecord | undefined,
): Promise<string | undefined> {
  if (begun?.way !== "distributed" || rekeyRecord.read(home) || existsSync(home.shares)) return undefined;
  const { cronLine } = await uninstallSchedule({ command: "unseal", instance, home: home.root });
  if (cronLine === undefined) return undefined;
  return `A line of this user's crontab unseals Vault with shares that are gone. Remove it with crontab -e: ${cronLine}`;
}
