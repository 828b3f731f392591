import { monthOf } from "../../core/time";
import type { CheckParameters } from "../../model/run-parameters";
import { inBoth, isAbove, withRate } from "../../openrouter/money";
import type { KeyInfo } from "../../openrouter/schemas";
import { combine, type Verdict } from "../../report/finding";
import type { Check } from "../check";

type BudgetSettings = CheckParameters["budget"];

/** The factor over the mean of the month's other days above which a day counts as a spike. */
const spike = 3;
/** The fraction of a limit below which the rest counts as little. */
const little = 0.1;

const activity = "See what spent it at https://openrouter.ai/activity, and stop that agent.";

export const budgetSpent: Check = {
  id: "budget.spent",
  why: "An agent that runs wild shows in the money first.",
  needs: ["key.valid"],
  async run(context) {
    const info = await context.keyInfo();
    const { budget } = context.parameters;
    const summary = `${withRate(info.usageMonthly ?? 0, budget)} this month`;
    return combine(summary, [...spent(info, budget, context.now()), ...remaining(info, budget)]);
  },
};

function spent({ usageMonthly, usageDaily }: KeyInfo, budget: BudgetSettings, now: Date): Verdict[] {
  if (usageMonthly === undefined) {
    return [
      {
        status: "warn",
        summary: "OpenRouter does not report this month's cost, so it was not compared with the budget",
        fix: "See it at https://openrouter.ai/activity.",
      },
    ];
  }
  return [
    thisMonth(usageMonthly, budget),
    ...projected(usageMonthly, budget, now),
    ...today(usageDaily, usageMonthly, budget, now),
  ];
}

function thisMonth(amount: number, budget: BudgetSettings): Verdict {
  const what = `${withRate(amount, budget)} this month`;
  const eur = amount / budget.usdPerEur;
  const { alertEur, hardLimitEur } = budget;
  if (!isAbove(hardLimitEur, eur)) {
    return {
      status: "fail",
      summary: `${what}: the hard limit of ${hardLimitEur} EUR is reached`,
      fix: activity,
    };
  }
  if (!isAbove(alertEur, eur)) {
    return {
      status: "warn",
      summary: `${what}: the alert at ${alertEur} EUR is reached, the hard limit is ${hardLimitEur} EUR`,
      fix: activity,
    };
  }
  return { status: "pass", summary: `${what}; alert at ${alertEur} EUR, hard limit ${hardLimitEur} EUR` };
}

/** The month's cost at the current rate. The first day is too short for an estimate. */
function projected(amount: number, budget: BudgetSettings, now: Date): Verdict[] {
  const { daysGone, days } = monthOf(now);
  if (daysGone < 1) return [];
  const end = (amount / daysGone) * days;
  const summary = `${inBoth(end, budget)} by the month's end at this rate`;
  if (!isAbove(end / budget.usdPerEur, budget.hardLimitEur)) return [{ status: "pass", summary }];
  return [{ status: "warn", summary: `${summary}, above the hard limit`, fix: activity }];
}

/** Compares today with the mean of the month's other days. A small amount is no spike. */
function today(daily: number | undefined, monthly: number, budget: BudgetSettings, now: Date): Verdict[] {
  const { wholeDaysGone, days } = monthOf(now);
  if (daily === undefined || wholeDaysGone < 1) return [];
  const mean = Math.max(0, monthly - daily) / wholeDaysGone;
  const share = (budget.alertEur * budget.usdPerEur) / days;
  const summary = `${inBoth(daily, budget)} today`;
  if (daily <= share || daily <= spike * mean) return [{ status: "pass", summary }];
  return [
    {
      status: "warn",
      summary: `${summary}, more than ${spike} times the month's mean of ${inBoth(mean, budget)} a day`,
      fix: activity,
    },
  ];
}

function remaining({ limit, limitRemaining }: KeyInfo, budget: BudgetSettings): Verdict[] {
  if (limit === null || limitRemaining === null) return [];
  const summary = `${inBoth(Math.max(0, limitRemaining), budget)} remains of the key's limit`;
  const fix = `${activity} Raise the limit at https://openrouter.ai/settings/keys, or wait for its reset.`;
  if (limitRemaining <= 0) return [{ status: "fail", summary: "nothing remains of the key's limit", fix }];
  if (isAbove(little * limit, limitRemaining)) return [{ status: "warn", summary: `only ${summary}`, fix }];
  return [{ status: "pass", summary }];
}
