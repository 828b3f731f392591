import type { Installed, Uninstalled } from "../lib/host/schedule";
import { say } from "./output";

/**
 * Says what the host does by itself now, or how to have cron do it.
 * @param what without its full stop, such as "The check runs every hour"
 */
export function sayInstalled(installed: Installed, what: string, besides = ""): void {
  if ("by" in installed) say(`${what} now, by ${installed.by}.`);
  else
    say(`systemd does not run on this host. With cron, add this line by \`crontab -e\`:

${installed.cronLine}${besides && `\n\n${besides}`}`);
}

/** Says that it does not any more. */
export function sayUninstalled({ found, cronLine }: Uninstalled, yes: string, no: string): void {
  say(found ? yes : no);
  if (cronLine) say(`This line is still in your crontab. Take it out by \`crontab -e\`:\n\n${cronLine}`);
}
