import { dateOf, daysBetween, monthOf } from "../../core/time";
import { keysPage } from "../../model/openrouter-key";
import type { CheckParameters } from "../../model/run-parameters";
import { areOfMonth, inBoth, isAbove, little, spentOf, spike, usd, withRate } from "../../openrouter/money";
import type { KeyInfo } from "../../openrouter/schemas";
import { combine, fail, pass, type Verdict } from "../../report/finding";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { warningsOf } from "../warnings";

const warn = warningsOf("budget.spent");

type BudgetSettings = CheckParameters["budget"];

const activity = "See what spent it at https://openrouter.ai/activity, and stop that agent.";

export const budgetSpent: Check = {
  id: "budget.spent",
  why: "An agent that runs wild shows in the money first.",
  needs: ["key.valid"],
  async run(context) {
    const info = await context.keyInfo();
    const { budget } = context.parameters;
    const now = context.now();
    const month = { usd: (info.usageMonthly ?? 0) + info.byokUsageMonthly, byok: info.byokUsageMonthly };
    if (!areOfMonth(now.toISOString(), { ...spentOf(info), spentMonthUsd: month.usd }))
      return combine("OpenRouter still reports what the month before cost", remaining(info, budget));
    return combine(inMonth(month, budget), [
      ...spent(info, month, budget, now),
      ...today(info, month.usd, budget, await daysOf(context, info, month.usd)),
      ...remaining(info, budget),
    ]);
  },
};

/** What a month cost, with what providers charged to keys of the account's own: it is spent all the same. */
interface Month {
  readonly usd: number;
  readonly byok: number;
}

function inMonth({ usd: amount, byok }: Month, budget: BudgetSettings): string {
  const share = isAbove(amount, byok) ? usd(byok) : "all";
  const own = byok > 0 ? `, ${share} of it by own provider keys (BYOK)` : "";
  return `${withRate(amount, budget)} this month${own}`;
}

function spent(info: KeyInfo, month: Month, budget: BudgetSettings, now: Date): Verdict[] {
  if (info.usageMonthly === undefined) {
    const own = month.byok > 0 ? ` (${usd(month.byok)} of it by own provider keys, BYOK)` : "";
    return [
      warn(
        "not-reported",
        `OpenRouter does not report this month's cost${own}, so it was not compared with the budget`,
        "See it at https://openrouter.ai/activity.",
      ),
    ];
  }
  return [thisMonth(month, budget), ...projected(month.usd, budget, now)];
}

function thisMonth(month: Month, budget: BudgetSettings): Verdict {
  const what = inMonth(month, budget);
  const amount = month.usd;
  const eur = amount / budget.usdPerEur;
  const { alertEur, hardLimitEur } = budget;
  if (!isAbove(hardLimitEur, eur)) {
    return fail(`${what}: the hard limit of ${hardLimitEur} EUR is reached`, activity);
  }
  if (!isAbove(alertEur, eur)) {
    return warn(
      "alert",
      `${what}: the alert at ${alertEur} EUR is reached, the hard limit is ${hardLimitEur} EUR`,
      activity,
    );
  }
  return pass(`${what}; alert at ${alertEur} EUR, hard limit ${hardLimitEur} EUR`);
}

/** The month's cost at the current rate. The first day is too short for an estimate. */
function projected(amount: number, budget: BudgetSettings, now: Date): Verdict[] {
  const { daysGone, days } = monthOf(now);
  if (daysGone < 1) return [];
  const end = (amount / daysGone) * days;
  const summary = `${inBoth(end, budget)} by the month's end at this rate`;
  if (!isAbove(end / budget.usdPerEur, budget.hardLimitEur)) return [pass(summary)];
  return [warn("month", `${summary}, above the hard limit`, activity)];
}

/** The days of this month, and those before today in which the key can have spent. */
interface Days {
  readonly all: number;
  readonly before: number;
}

async function daysOf(context: CheckContext, info: KeyInfo, monthly: number): Promise<Days> {
  const now = context.now();
  const { days: all, wholeDaysGone } = monthOf(now);
  // One that spent nothing before this month can be new, as after each rotation: the days before it would lower the mean.
  const canBeNew = !isAbove(info.usage + info.byokUsage, monthly);
  const before = canBeNew ? daysBetween(await context.keySince(), dateOf(now)) : wholeDaysGone;
  return { all, before: Math.min(before, wholeDaysGone) };
}

/** Compares today with the mean of the month's other days. A small amount is no spike. */
function today(
  { usageMonthly, usageDaily, byokUsageDaily }: KeyInfo,
  monthly: number,
  budget: BudgetSettings,
  days: Days,
): Verdict[] {
  if (usageMonthly === undefined || usageDaily === undefined || days.before < 1) return [];
  const daily = usageDaily + byokUsageDaily;
  const mean = Math.max(0, monthly - daily) / days.before;
  const share = (budget.alertEur * budget.usdPerEur) / days.all;
  const summary = `${inBoth(daily, budget)} today`;
  if (daily <= share || daily <= spike * mean) return [pass(summary)];
  return [
    warn(
      "today",
      `${summary}, more than ${spike} times the month's mean of ${inBoth(mean, budget)} a day`,
      activity,
    ),
  ];
}

function remaining({ limit, limitRemaining }: KeyInfo, budget: BudgetSettings): Verdict[] {
  if (limit === null || limitRemaining === null) return [];
  const summary = `${inBoth(Math.max(0, limitRemaining), budget)} remains of the key's limit`;
  const fix = `${activity} Raise the limit at ${keysPage}, or wait for its reset.`;
  if (limitRemaining <= 0) return [fail("nothing remains of the key's limit", fix)];
  if (isAbove(little * limit, limitRemaining)) return [warn("remaining", `only ${summary}`, fix)];
  return [pass(summary)];
}
