import { defined } from "../core/defined";
import type { CheckParameters } from "../model/run-parameters";
import type { KeyInfo } from "./schemas";

type Rate = Pick<CheckParameters["budget"], "usdPerEur" | "rateDate">;

/** An amount in USD: in whole cents, or with more digits if it is below half a cent. */
export function usd(amount: number): string {
  const digits = Number(amount.toPrecision(2)).toFixed(7);
  if (Number(digits) === 0 || amount >= 0.005) return `${Math.max(0, amount).toFixed(2)} USD`;
  return `${digits.replace(/(?<!0)0+$/, "")} USD`;
}

/** An amount in USD and in EUR. */
export function inBoth(amount: number, { usdPerEur }: Rate): string {
  return `${usd(amount)} (${(amount / usdPerEur).toFixed(2)} EUR)`;
}

/** An amount in USD and in EUR, with the rate and its day. */
export function withRate(amount: number, { usdPerEur, rateDate }: Rate): string {
  return `${usd(amount)} (${(amount / usdPerEur).toFixed(2)} EUR at ${usdPerEur} of ${rateDate})`;
}

/** A price of one token as that of a million, in USD; undefined if it is unknown. */
export function perMillion(price: number | undefined): number | undefined {
  return price === undefined ? undefined : Number((price * 1e6).toPrecision(6));
}

/** The factor over the mean of the month's other days above which a day counts as a spike. */
export const spike = 3;

/** What a key cost this month and today, as far as OpenRouter reports it. What own provider keys cost is spent as well. */
export function spentOf({ usageMonthly, byokUsageMonthly, usageDaily, byokUsageDaily }: KeyInfo) {
  return defined({
    spentMonthUsd: usageMonthly === undefined ? undefined : usageMonthly + byokUsageMonthly,
    spentTodayUsd: usageDaily === undefined ? undefined : usageDaily + byokUsageDaily,
  });
}

/** The fraction of a limit below which the rest counts as little. */
export const little = 0.1;

/** Whether an amount is above a limit. A tolerance of 1e-9 absorbs rounding errors of multiplications. */
export function isAbove(amount: number, border: number): boolean {
  return amount > border + 1e-9;
}

/**
 * Whether the sums that OpenRouter reported at a time are of that time's month. A check runs at its very beginning, when OpenRouter
 * can still report the month before, as it does to a host whose clock is ahead. On the first day a month has cost what the day has.
 * @param at ISO 8601
 */
export function areOfMonth(
  at: string,
  {
    spentMonthUsd = 0,
    spentTodayUsd = spentMonthUsd,
  }: { readonly spentMonthUsd?: number; readonly spentTodayUsd?: number },
): boolean {
  return at.slice(8, 10) !== "01" || !isAbove(spentMonthUsd, spentTodayUsd);
}

/** The hard limit in USD; rounded down to whole cents, so never above the limit in EUR. */
export function hardLimitUsd({
  hardLimitEur,
  usdPerEur,
}: Pick<CheckParameters["budget"], "hardLimitEur" | "usdPerEur">): number {
  return Math.floor(hardLimitEur * usdPerEur * 100 + 1e-6) / 100;
}

/** The most resets of a limit in one month: 31 days can touch six calendar weeks. */
const timesAMonth = new Map([
  ["daily", 31],
  ["weekly", 6],
]);

/** The most that a key with this limit spends in a month, in USD; null: it has no limit. */
export function mostInAMonth({
  limit,
  limitReset,
}: {
  readonly limit: number | null;
  readonly limitReset?: string | null | undefined;
}): number | null {
  return limit === null ? null : limit * (timesAMonth.get(limitReset ?? "") ?? 1);
}
