import { z } from "zod";
import { dateOf, day } from "../core/time";

/** A key's usage, in USD. The counters are for the day, week and month of `at`. */
export const usage = z.object({
  total: z.number(),
  daily: z.number(),
  weekly: z.number(),
  monthly: z.number(),
  at: z.iso.datetime(),
});
export type Usage = Readonly<z.output<typeof usage>>;

/** The period after which a key's limit resets; null: never. */
export const limitReset = z.enum(["daily", "weekly", "monthly"]).nullable();
type LimitReset = z.output<typeof limitReset>;

/** Resets the counters of a day, week (from Monday) or month that is over, in UTC. */
export function rollOver(usage: Usage, now: Date): Usage {
  const then = new Date(usage.at);
  return {
    total: usage.total,
    daily: dateOf(then) === dateOf(now) ? usage.daily : 0,
    weekly: monday(then) === monday(now) ? usage.weekly : 0,
    monthly: month(then) === month(now) ? usage.monthly : 0,
    at: now.toISOString(),
  };
}

/** Adds a cost, in USD, to every counter. */
export function charge(usage: Usage, cost: number, now: Date): Usage {
  const current = rollOver(usage, now);
  return {
    total: current.total + cost,
    daily: current.daily + cost,
    weekly: current.weekly + cost,
    monthly: current.monthly + cost,
    at: current.at,
  };
}

/** The usage that counts against a limit with that reset. */
export function spentOfLimit(usage: Usage, reset: LimitReset): number {
  return reset === null ? usage.total : usage[reset];
}

const month = (time: Date) => time.toISOString().slice(0, 7);
const monday = (time: Date) => {
  const midnight = Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate());
  return midnight - ((time.getUTCDay() + 6) % 7) * day;
};
