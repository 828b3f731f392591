import { readLastCheck } from "../../check";
import { attempt } from "../../core/attempt";
import { defined } from "../../core/defined";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import type { CheckParameters } from "../../model/run-parameters";
import type { CheckReport } from "../../report/check-report";
import type { DriftReport } from "../../report/drift-report";
import { addToHistory, isChat, readHistory } from "../../store/history";
import { readChannels } from "../../store/records/alert-channels";
import { deafBecause } from "../../store/records/alert-state";
import { beat } from "./heartbeat";
import { observeCheck } from "./observe-check";
import { observeDrift, uninspectedBy } from "./observe-drift";
import { observeHost, observeScheduledCheck } from "./observe-host";
import { tell } from "./tell";

const hour = 3_600_000;

/**
 * Whether a scheduled check tries the chats, which cost money: once a day; after a chat that failed, once an hour. One that warns
 * may do so for good, as of a fallback that is the default model.
 */
export function areChatsDue(home: HomePaths, now: Date): boolean {
  const last = readHistory(home, new Date(now.getTime() - 48 * hour).toISOString()).findLast(
    // A clock that was ahead leaves entries of times to come.
    (each) => each.kind === "check" && each.chats && each.at <= now.toISOString(),
  );
  if (!last) return true;
  const statuses = Object.entries(attempt(() => readLastCheck(home))?.statuses ?? {});
  const failed = statuses.some(([id, status]) => isChat(id) && status === "fail");
  // A timer's runs are some minutes apart from their hour.
  return now.getTime() - Date.parse(last.at) >= (failed ? 0.9 : 23.5) * hour;
}

/** Records a scheduled check, tells what a person must hear of, and calls the heartbeat's URL if it did not fail and is heard. */
export async function recordScheduledCheck(
  deployment: Deployment,
  parameters: CheckParameters,
  report: CheckReport,
): Promise<void> {
  const { home } = deployment;
  const { started: at, outcome, results, measured: { key, spentMonthUsd, spentTodayUsd } = {} } = report;
  addToHistory(home, {
    kind: "check",
    at,
    outcome,
    problems: results.filter(({ status }) => status === "fail" || status === "warn").map(({ id }) => id),
    // Not those that were due, but skipped since OpenRouter did not answer.
    chats: results.some(({ id, status }) => isChat(id) && status !== "skip"),
    ...defined({ key, spentMonthUsd, spentTodayUsd }),
  });
  const history = readHistory(home, `${at.slice(0, 7)}-01`);
  const now = new Date(at);
  const state = await tell(
    deployment,
    [observeCheck(report, parameters, history), await observeHost(deployment, now)],
    () => now,
  );
  const { channels, heartbeat } = readChannels(home);
  // If nobody hears of a problem any more, its calls must not say that all is well.
  const isHeard = channels.length === 0 || channels.some(({ name }) => !deafBecause(state, name, now));
  // A chat that failed is not tried by each check: it fails until it is.
  const isGood = [outcome, attempt(() => readLastCheck(home))?.outcome].every((each) => each !== "fail");
  if (isGood && isHeard && heartbeat) await beat(home, heartbeat);
}

/** Records a scheduled drift check, and tells what a person must hear of. */
export async function recordScheduledDrift(deployment: Deployment, report: DriftReport): Promise<void> {
  const { started: at, outcome, findings } = report;
  addToHistory(deployment.home, {
    kind: "drift",
    at,
    outcome,
    problems: findings.filter(({ kind }) => kind !== "unknown").map(({ id }) => id),
    isWhole: uninspectedBy(report).length === 0,
  });
  const now = new Date(at);
  await tell(deployment, [observeDrift(report), observeScheduledCheck(deployment, now)], () => now);
}
