import { dateOf, day, daysBetween } from "../../core/time";
import { areOfMonth, isAbove, spike } from "../../openrouter/money";
import type { HistoryEntry } from "../../store/history";

/** What was spent on one day, or, if nothing was recorded in between, on several. Days are UTC's, as OpenRouter counts. */
export interface DaySpending {
  /** The first and the last day, YYYY-MM-DD. */
  readonly from: string;
  readonly to: string;
  /** The number of days it stands for: at least 1. */
  readonly days: number;
  readonly usd: number;
}

type Counted = Extract<HistoryEntry, { kind: "check" }> & {
  readonly spentMonthUsd: number;
  readonly spentTodayUsd: number;
};

/**
 * The spending of the month of `now`, by day, from what OpenRouter reported at each check. After a gap without checks, only the
 * sum of its days is known. A replaced key begins at zero again, so each key is counted by itself.
 */
export function spendingByDay(history: readonly HistoryEntry[], now: Date): DaySpending[] {
  const month = now.toISOString().slice(0, 7);
  const days = new Map<string, DaySpending>();
  const add = (spending: DaySpending) => {
    const key = `${spending.from} ${spending.to}`;
    days.set(key, { ...spending, usd: spending.usd + (days.get(key)?.usd ?? 0) });
  };
  for (const counted of byKey(history.filter(isCounted).filter(({ at }) => at.startsWith(month)))) {
    let before: Pick<Counted, "at" | "spentMonthUsd"> = { at: `${month}-01T00:00:00.000Z`, spentMonthUsd: 0 };
    for (const entry of counted) {
      for (const spending of between(before, entry)) if (spending.usd > 1e-9) add(spending);
      before = entry;
    }
  }
  return [...days.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}

function isCounted(entry: HistoryEntry): entry is Counted {
  return (
    entry.kind === "check" &&
    entry.spentMonthUsd !== undefined &&
    entry.spentTodayUsd !== undefined &&
    areOfMonth(entry.at, entry)
  );
}

function byKey(entries: readonly Counted[]): Counted[][] {
  const keys = new Set(entries.map(({ key }) => key));
  return [...keys].map((key) => entries.filter((entry) => entry.key === key));
}

/** What was spent between two checks of one month: that of the last day is known, the rest is from before it. */
function between(before: Pick<Counted, "at" | "spentMonthUsd">, entry: Counted): DaySpending[] {
  const spent = Math.max(0, entry.spentMonthUsd - before.spentMonthUsd);
  const [first, last] = [before.at.slice(0, 10), entry.at.slice(0, 10)];
  if (first === last) return [one(first, spent)];
  const today = Math.min(spent, entry.spentTodayUsd);
  const rest = spent - today;
  const midnight = Date.parse(`${last}T00:00:00.000Z`);
  const elapsed = (midnight - Date.parse(before.at)) / day;
  if (elapsed <= 1) return [one(first, rest), one(last, today)];
  const to = dateOf(new Date(midnight - day));
  return [{ from: first, to, days: elapsed, usd: rest }, one(last, today)];
}

function one(date: string, usd: number): DaySpending {
  return { from: date, to: date, days: 1, usd };
}

/**
 * Since when in the month of `now` spending is known: on a new host not since the month began.
 * @param days of {@link spendingByDay}
 * @returns ISO 8601
 */
export function knownSince(
  history: readonly HistoryEntry[],
  [first]: readonly DaySpending[],
  now: Date,
): string {
  const month = now.toISOString().slice(0, 7);
  const check = history.find((entry) => isCounted(entry) && entry.at.startsWith(month))?.at;
  const begin = `${month}-01T00:00:00.000Z`;
  // What a key had spent before its first check is spread over the month's earlier days.
  return check === undefined || (first && first.from < check.slice(0, 10)) ? begin : check;
}

/**
 * The days that cost more than three times the mean of the month's earlier days. A day below a day's share of the alert is no
 * surprise. Of a gap only its mean is known: it counts if that is above, since then one of its days was.
 * @param share USD
 * @param since ISO 8601, of {@link knownSince}
 */
export function surprisingDays(
  days: readonly DaySpending[],
  share: number,
  since: string,
): (DaySpending & { readonly mean: number })[] {
  return days.flatMap((each) => {
    const earlier = daysBetween(since, each.from);
    // The first check runs minutes after midnight.
    if (earlier < 0.9) return [];
    const mean = days.filter(({ to }) => to < each.from).reduce((sum, { usd }) => sum + usd, 0) / earlier;
    const aDay = each.usd / each.days;
    return isAbove(aDay, share) && isAbove(aDay, spike * mean) ? [{ ...each, mean }] : [];
  });
}
