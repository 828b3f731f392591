import { daysBetween, monthOf } from "../../core/time";
import type { Condition, Observation } from "../../model/alert";
import type { CheckParameters } from "../../model/run-parameters";
import { areOfMonth, inBoth, isAbove } from "../../openrouter/money";
import type { CheckReport, Measured } from "../../report/check-report";
import { type HistoryEntry, isChat } from "../../store/history";
import { critical, quoted, warning } from "./condition";
import { scheduledFailure } from "./observe-failure";
import { knownSince, spendingByDay, surprisingDays } from "./spending";

/** How long OpenRouter may not be reached before a person is told: most outages end within the hour. */
const longestOutage = 3_600_000;
/** How many days ahead a person is told of what ends. */
const daysAhead = 14;

/** What alerts read of a check's report. */
export type CheckSeen = Pick<CheckReport, "started" | "keyLabel" | "measured"> & {
  readonly results: readonly Pick<
    CheckReport["results"][number],
    "id" | "status" | "summary" | "fix" | "cause" | "costUsd" | "warnings" | "accepted"
  >[];
};

/** The causes of a failed call that say nothing about key, account or catalogue: OpenRouter was not reached, or is down. */
const undetermined = new Set(["dns", "refused", "timeout", "network", "proxy", "address", "server"]);
/** The causes by which the account has no credit for a chat of the check, which costs a fraction of a cent. */
const poor = new Set(["credits-insufficient", "answer-too-dear"]);
/** The causes by which OpenRouter refuses the key itself. */
const refusing = new Set(["key-invalid", "forbidden"]);

/**
 * The states that a check stands for; the others are `check.failed:ID`, told when found twice. So is a call of one of these that
 * OpenRouter refused: a catalogue that was not read does not lack a model.
 */
const states: Readonly<Record<string, Pick<Condition, "id" | "severity" | "twice">>> = {
  "vault.reachable": { id: "vault.unreachable", severity: "critical" },
  "vault.unsealed": { id: "vault.sealed", severity: "critical" },
  // The catalogue leaves out a model for minutes that it lists again.
  "models.known": { id: "model.gone", severity: "critical", twice: true },
};

/**
 * What a check found, for alerts.
 * @param history with this check
 */
export function observeCheck(
  check: CheckSeen,
  { budget }: Pick<CheckParameters, "budget">,
  history: readonly HistoryEntry[],
): Observation {
  const at = check.started;
  const now = new Date(at);
  const all = check.results.flatMap((result) => observed(result, check.measured) ?? []);
  // What fails while Vault gives no key, such as OpenClaw's resolver, follows from that and is not told beside it.
  const isClosed = all.some(({ condition }) => condition && /^vault\./.test(condition.id));
  const found = all.filter(({ condition }) => !isClosed || !condition?.id.startsWith("check.failed:"));
  const isGone = found.some(({ condition }) => condition?.id === "model.gone");
  const { measured } = check;
  return {
    at,
    conditions: [
      ...found.flatMap(({ condition }) => condition ?? []),
      ...unreached(check),
      ...servedCertificates(check),
      ...(measured ? ending(measured, now) : []),
      ...(measured?.spentMonthUsd === undefined || !areOfMonth(at, measured)
        ? []
        : spending(history, measured, budget, now)),
    ],
    determined: [
      scheduledFailure("check"),
      ...found.filter(({ condition }) => !condition).map(({ id }) => id),
      ...(check.results.some(isVaultReached) ? ["certificate.ending:*"] : []),
      ...(isReached(check) ? ["openrouter.unreachable"] : []),
      ...(hasCredit(check) ? ["credit.empty"] : []),
      // Only OpenRouter's answer about the key has its label; the catalogue, which is measured as well, is public.
      ...(check.keyLabel === undefined ? [] : ["key.disabled", "key.refused", "key.expiring"]),
      ...(measured?.keyRotateBy ? ["key.rotation-due"] : []),
      // Measured if the catalogue was read. A model that has left is in it no more: that it leaves is not resolved by that.
      ...(measured?.modelsLeave ? ["check.failed:models.known", ...(isGone ? [] : ["model.leaving:*"])] : []),
    ].filter((id) => !found.some(({ condition }) => condition?.id === id)),
  };
}

/** What ends of an external Vault's certificates. Those of the instance's own are read from its files. */
function servedCertificates({ results }: CheckSeen): Condition[] {
  const name = "served-certificate:";
  return results.flatMap(({ warnings = [], fix }) =>
    warnings
      .filter(({ warning }) => warning.startsWith(name))
      .map(({ warning, summary }) =>
        critical(`certificate.ending:${warning.slice(name.length)}`, quoted(summary), fix && quoted(fix)),
      ),
  );
}

function isVaultReached({ id, status }: CheckSeen["results"][number]): boolean {
  return id === "vault.reachable" && (status === "pass" || status === "warn");
}

/** The checks that ask OpenRouter for nothing but an answer about the key, and the catalogue. */
const reaching = new Set(["key.valid", "models.known"]);

function isUnreached({ id, status, cause }: CheckSeen["results"][number]): boolean {
  return reaching.has(id) && status === "fail" && undetermined.has(cause ?? "");
}

/** OpenRouter does not answer at all. */
function unreached({ results }: CheckSeen): Condition[] {
  const first = results.find(isUnreached);
  if (!first) return [];
  const { summary, fix } = first;
  return [
    { ...critical("openrouter.unreachable", quoted(summary), fix && quoted(fix)), after: longestOutage },
  ];
}

/** Whether OpenRouter answered, if only by a refusal. */
function isReached({ results }: CheckSeen): boolean {
  const asked = results.filter(({ id, status }) => reaching.has(id) && status !== "skip");
  return asked.length > 0 && !asked.some(isUnreached);
}

/** Only an answer proves that there is credit: one that cost something, or that of every model, since free ones need none. */
function hasCredit({ results }: CheckSeen): boolean {
  const chats = results.filter(({ id, status }) => isChat(id) && status !== "skip");
  const asked = chats.filter(
    (each) => isAnswered(each) || each.status === "fail" || each.cause !== undefined,
  );
  return asked.some(({ costUsd = 0 }) => costUsd > 0) || (asked.length > 0 && asked.every(isAnswered));
}

/** Whether a model answered: a chat that nobody was asked, such as of a fallback that is the default model, can warn or be accepted. */
function isAnswered({ status, cause, costUsd, accepted }: CheckSeen["results"][number]): boolean {
  if (status === "fail" || cause !== undefined) return false;
  return costUsd !== undefined || (status === "pass" && accepted === undefined);
}

/** The checks whose findings are events of their own: what was spent. */
const ownEvents = new Set(["budget.spent"]);

/** The state that a result determines, with its condition if it failed; undefined if it determines none. */
function observed(
  { id, status, summary, fix, cause }: CheckSeen["results"][number],
  measured: Measured | undefined,
): { readonly id: string; readonly condition?: Condition } | undefined {
  // A check whose failures are only warnings keeps the cause, which is no state that it determines.
  const state = stateOf(id, status === "fail" ? cause : undefined, measured);
  // A chat is only tried once OpenRouter answered for the key: one without an answer is the model's failure.
  const isUndetermined = status === "fail" && undetermined.has(cause ?? "") && !isChat(id);
  if (status === "skip" || ownEvents.has(id) || isUndetermined) return undefined;
  if (status !== "fail") return { id: state.id };
  return {
    id: state.id,
    condition: { ...state, summary: quoted(summary), ...(fix ? { fix: quoted(fix) } : {}) },
  };
}

function stateOf(
  id: string,
  cause: string | undefined,
  measured: Measured | undefined,
): Pick<Condition, "id" | "severity" | "twice"> {
  const own = cause === undefined ? states[id] : undefined;
  if (own) return own;
  if (isChat(id) && poor.has(cause ?? "")) return { id: "credit.empty", severity: "critical" };
  // Twice: in an outage of its own OpenRouter refuses every key, and a rotation can delete the one that was just read.
  if (id === "key.valid" && refusing.has(cause ?? ""))
    return { id: "key.refused", severity: "critical", twice: true };
  if (id === "key.valid" && measured?.keyDisabled) return { id: "key.disabled", severity: "critical" };
  return { id: `check.failed:${id}`, severity: "warning", twice: true };
}

/** What ends within 14 days. */
function ending({ keyExpires, keyRotateBy, modelsLeave }: Measured, now: Date): Condition[] {
  const isNear = (date: string) => daysBetween(now, date) <= daysAhead;
  const on = (date: string) => `on ${date.slice(0, 10)}.`;
  const fix = "openclaw-openrouter key rotate";
  return [
    ...(keyExpires && isNear(keyExpires)
      ? [critical("key.expiring", `The OpenRouter key expires ${on(keyExpires)}`, fix)]
      : []),
    ...(keyRotateBy && isNear(keyRotateBy)
      ? [warning("key.rotation-due", `The OpenRouter key is due for rotation ${on(keyRotateBy)}`, fix)]
      : []),
    ...Object.entries(modelsLeave ?? {})
      .filter(([, date]) => isNear(date))
      .map(([model, date]) =>
        warning(
          `model.leaving:${quoted(model)}`,
          `The model ${quoted(model)} leaves OpenRouter ${on(quoted(date))}`,
          "Choose another model in the settings, then openclaw-openrouter up",
        ),
      ),
  ];
}

const activity = "See what spent it at https://openrouter.ai/activity, and stop that agent.";

/** The sums that were reached this month. A key that was replaced within it counts too. */
function spending(
  history: readonly HistoryEntry[],
  { limitUsd = 0, limitRemainingUsd = limitUsd }: Measured,
  budget: CheckParameters["budget"],
  now: Date,
): Condition[] {
  const month = now.toISOString().slice(0, 7);
  const days = spendingByDay(history, now);
  const total = days.reduce((sum, { usd }) => sum + usd, 0);
  const { alertEur, hardLimitEur, usdPerEur } = budget;
  const sum = (of: typeof critical, id: string, isReached: boolean, what: string): Condition[] =>
    isReached
      ? [{ ...of(id, `${inBoth(total, budget)} spent this month: ${what}.`, activity), period: month }]
      : [];
  const isReached = (eur: number) => total > 0 && !isAbove(eur, total / usdPerEur);
  // The key's own limit is what stops an agent, and can be below the settings'.
  const isUsed = (share: number) => limitUsd > 0 && !isAbove(share * limitUsd, limitUsd - limitRemainingUsd);
  const hard = `the hard limit of ${hardLimitEur} EUR`;
  const own = `the key's own limit of ${inBoth(limitUsd, budget)}`;
  const ofLimit = (share: number) => (isReached(share * hardLimitEur) ? hard : own);
  return [
    ...sum(warning, "spending.alert", isReached(alertEur), `the alert at ${alertEur} EUR is reached`),
    ...([0.8, 1] as const).flatMap((share) =>
      sum(
        critical,
        `spending.limit-${share * 100}`,
        isReached(share * hardLimitEur) || isUsed(share),
        `${share * 100} % of ${ofLimit(share)}`,
      ),
    ),
    ...surprisingDays(days, (alertEur * usdPerEur) / monthOf(now).days, knownSince(history, days, now)).map(
      ({ from, to, usd, mean }) => ({
        ...critical(
          "spending.day",
          `${inBoth(usd, budget)} spent ${from === to ? `on ${from}` : `from ${from} to ${to}`}, more than three times the month's mean of ${inBoth(mean, budget)} a day.`,
          activity,
        ),
        period: from,
      }),
    ),
  ];
}
