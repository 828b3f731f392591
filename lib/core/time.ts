/** One day, in milliseconds. */
export const day = 86_400_000;

/** The days from one time to another, with their fraction. */
export function daysBetween(from: Date | string, to: Date | string): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / day;
}

/** The day of a time in UTC, such as `2026-11-29`. */
export function dateOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/**
 * The minute of a time for people, such as `2026-11-29 12:30 UTC`.
 * @param time as a text it is in UTC, in ISO 8601
 */
export function minuteOf(time: Date | string): string {
  const text = typeof time === "string" ? time : time.toISOString();
  return `${text.slice(0, 16).replace("T", " ")} UTC`;
}

/** A time as a part of a file's name, such as `20261129T123059123Z`. */
export function fileTime(time: Date): string {
  return time.toISOString().replace(/[-:.]/g, "");
}

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Parses a duration such as `90d`, `12h`, `30m` or `0` into seconds; undefined if it is invalid. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count && unit ? Number(count) * seconds[unit as keyof typeof seconds] : undefined;
}

/** Formats seconds as a duration, in the largest unit that gives a whole number. */
export function describeDuration(total: number): string {
  const unit = (["d", "h", "m"] as const).find((each) => total % seconds[each] === 0) ?? "s";
  return total === 0 ? "0" : `${total / seconds[unit]}${unit}`;
}

/** The number of days in a time's month, and those since the month began, with their fraction and without it, in UTC. */
export function monthOf(time: Date) {
  const [year, month] = [time.getUTCFullYear(), time.getUTCMonth()];
  const start = Date.UTC(year, month, 1);
  const daysGone = (time.getTime() - start) / day;
  return {
    days: (Date.UTC(year, month + 1, 1) - start) / day,
    daysGone,
    wholeDaysGone: Math.floor(daysGone),
  };
}
