import { minuteOf } from "../../core/time";
import { keyFingerprint, keysPage } from "../../model/openrouter-key";
import { hardLimitUsd, inBoth, isAbove, little, mostInAMonth, usd } from "../../openrouter/money";
import type { KeyInfo } from "../../openrouter/schemas";
import { combine, fail, pass, type Verdict } from "../../report/finding";
import { readBudget } from "../../store/records/budget-record";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("budget.limit");

export const budgetLimit: Check = {
  id: "budget.limit",
  why: "The key's own limit is what stops an agent in a loop, whoever watches.",
  needs: ["key.valid"],
  async run(context) {
    const { limit, limitReset, byokUsage, byokUsageMonthly, includeByokInLimit, otherBudget } =
      await context.keyInfo();
    const { budget } = context.parameters;
    const hardLimit = hardLimitUsd(budget);
    const set = `openclaw-openrouter key limit, which takes a management key; or set a limit of ${usd(hardLimit)} or less, reset monthly, for this key at ${keysPage}.`;
    if (limit === null) {
      const none = "The key has no limit of its own: it may spend all of the account's credit";
      return combine(none, [fail(none, set), other(otherBudget)]);
    }
    const has = `limit of ${inBoth(limit, budget)}, ${resets(limitReset)}`;
    const { key } = await context.secret();
    const wasSet = readBudget(context.home, keyFingerprint(key));
    const inAMonth = mostInAMonth({ limit, limitReset }) ?? limit;
    const much = inAMonth === limit ? `the ${has},` : `up to ${inBoth(inAMonth, budget)} in a month, which`;
    const above = `above the hard limit of ${inBoth(hardLimit, budget)}`;
    return combine(has, [
      pass(has),
      wasSet !== undefined &&
        (wasSet.limitUsd !== limit || wasSet.limitReset !== limitReset) &&
        warn(
          `changed:${limit}-${limitReset ?? "never"}`,
          `${has}; ${usd(wasSet.limitUsd)}, reset ${wasSet.limitReset}, was set on ${wasSet.at.slice(0, 10)}`,
          set,
        ),
      byokUsage > 0 &&
        !includeByokInLimit &&
        warn(
          "own-keys",
          `the ${has}, does not bind what own provider keys (BYOK) spend: ${inBoth(byokUsageMonthly, budget)} this month`,
          `openclaw-openrouter key limit, which makes the limit include them; or set that for this key at ${keysPage}.`,
        ),
      limitReset !== "monthly" &&
        warn(`reset:${limitReset ?? "never"}`, `${has}: ${meaning(limitReset)}`, set),
      isAbove(inAMonth, hardLimit) ? fail(`${much} is ${above}`, set) : pass(`not ${above}`),
      other(otherBudget),
    ]);
  },
};

/** A budget that others set binds the key as well: if it is spent, every call is refused, and the key's own limit does not show it. */
function other(budget: KeyInfo["otherBudget"]): Verdict | undefined {
  if (!budget) return undefined;
  const { limit, remaining, isWorkspaces, resetsAt } = budget;
  const what = `${isWorkspaces ? "the workspace's budget" : "a guardrail's budget for the key or its owner"} of ${usd(limit)}`;
  const until = resetsAt ? ` until ${minuteOf(new Date(resetsAt))}` : "";
  const page = isWorkspaces ? "https://openrouter.ai/workspaces" : "https://openrouter.ai/settings/privacy";
  const fix = `See what spent it at https://openrouter.ai/activity; wait for its next period, or have it raised by who manages it: ${page}`;
  if (remaining <= 0) return fail(`${what} is spent: OpenRouter refuses every call${until}`, fix);
  const summary = `${usd(remaining)} remains of ${what}${until}`;
  return isAbove(little * limit, remaining) ? warn("other-budget", `only ${summary}`, fix) : pass(summary);
}

function resets(limitReset: string | null | undefined): string {
  if (limitReset === null) return "never reset";
  return limitReset === undefined ? "reset not reported" : `reset ${limitReset}`;
}

function meaning(limitReset: string | null | undefined): string {
  if (limitReset === null) return "a limit for the key's lifetime: once it is spent, the key stops working";
  if (limitReset === undefined) return "OpenRouter does not report when it is reset";
  return "the budget is set per month, and this limit is not";
}
