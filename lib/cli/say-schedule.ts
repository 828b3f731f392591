import type { Installed } from "../session/schedule/schedule";
import type { ScheduledName } from "../session/schedule/schedule-script";
import { say } from "./output";

/** A scheduled command, and how the host runs it. */
export interface Added {
  readonly name: ScheduledName;
  readonly installed: Installed;
}

/** The description of each command, without its full stop. */
const descriptions: Readonly<Record<ScheduledName, string>> = {
  check: "The check runs every 15 minutes",
  drift: "The drift check runs every day",
  backup: "A backup is made every week",
  unseal: "Vault is unsealed after each start of the Docker Engine",
};

/** Prints what the host now runs by itself, or the lines for cron. */
export function sayAdded(added: readonly Added[]): void {
  const lines: string[] = [];
  for (const { name, installed } of added) {
    if ("by" in installed) say(`${descriptions[name]}, by ${installed.by}.`);
    else lines.push(installed.cronLine);
  }
  if (lines.length === 0) return;
  const these = lines.length === 1 ? "this line" : "these lines";
  say(`systemd does not run on this host. With cron, add ${these} by \`crontab -e\`:\n\n${lines.join("\n")}`);
  if (added.some(({ name }) => name === "unseal")) say(`\n${afterRestart}`);
}

/** The limits of cron. */
const afterRestart = `cron unseals Vault after a reboot only. After a restart of the engine alone, run
\`openclaw-openrouter vault unseal\`, or \`check\`, which does so by itself.`;
