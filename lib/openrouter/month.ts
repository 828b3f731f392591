const day = 86_400_000;

/** Where a time stands in its month, by UTC, at whose midnight OpenRouter's counters start again. */
export interface MonthPosition {
  /** Days of the month. */
  readonly days: number;
  /** Days since its beginning, with their fraction. */
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
