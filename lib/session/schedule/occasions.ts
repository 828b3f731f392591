import type { ScheduledName } from "./schedule-script";
import { isOwn } from "./systemd";

/** When the host runs a command. */
interface Occasion {
  /** Completes "Runs … of the instance". */
  readonly said: string;
  /** The schedule for cron. */
  readonly cron: string;
  /** The schedule for systemd (`OnCalendar`). @default at each start of the engine */
  readonly calendar?: string;
  /** By how much systemd may delay it, so that many hosts do not call at once (`RandomizedDelaySec`). */
  readonly delay?: string;
  /** The hours after which a run is overdue: a whole period, and time for a host that was off. */
  readonly overdueHours?: number;
}

/** The commands that a host can run on a schedule. */
const occasions = {
  check: {
    said: "every 15 minutes",
    cron: "*/15 * * * *",
    calendar: "*:0/15",
    delay: "1min",
    overdueHours: 2,
  },
  drift: { said: "every day", cron: "41 5 * * *", calendar: "daily", delay: "10min", overdueHours: 36 },
  backup: {
    said: "every week",
    cron: "23 4 * * 0",
    calendar: "weekly",
    delay: "10min",
    overdueHours: 8 * 24,
  },
  unseal: { said: "after each start of the Docker Engine", cron: "@reboot" },
} satisfies Record<ScheduledName, Occasion>;

/** When the host runs a command. A user's own manager does not see the engine start, so it asks each minute. */
export function occasionOf(command: ScheduledName, own = isOwn()): Occasion {
  return command === "unseal" && own
    ? { ...occasions.unseal, calendar: "minutely", delay: "0" }
    : occasions[command];
}
