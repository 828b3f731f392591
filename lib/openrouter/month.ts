const day = 86_400_000;

/** The position of a time in its month, in UTC: OpenRouter's counters restart at midnight UTC. */
export interface MonthPosition {
  /** The number of days in the month. */
  readonly days: number;
  /** Days since the month began, including the fraction. */
  readonly daysGone: number;
  readonly wholeDaysGone: number;
}

export function monthOf(time: Date): MonthPosition {
  const [year, month] = [time.getUTCFullYear(), time.getUTCMonth()];
  const start = Date.UTC(year, month, 1);
  const daysGone = (time.getTime() - start) / day;
  return {
    days: (Date.UTC(year, month + 1, 1) - start) / day,
    daysGone,
    wholeDaysGone: Math.floor(daysGone),
  };
}
