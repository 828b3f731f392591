import { exchange } from "../../core/network/http";
import { proxyFor } from "../../core/network/proxy";
import type { Deployment } from "../../model/deployment";
import type { CheckParameters } from "../../model/run-parameters";
import type { CheckReport } from "../../report/check-report";
import type { DriftReport } from "../../report/drift-report";
import { addToHistory, type HistoryEntry, readHistory } from "../../store/history";
import { channelsRecord } from "../../store/records/alert-channels";
import { lastsFor } from "./delivery";
import { observeCheck, observeDrift } from "./observe";
import { observeHost } from "./observe-host";
import { tell } from "./tell";

const hour = 3_600_000;

/**
 * Whether a scheduled check tries the chats, which cost money: once a day; after a chat that failed, once an hour.
 * @param history of the last two days at least
 */
export function areChatsDue(history: readonly HistoryEntry[], now: Date): boolean {
  const last = history.findLast((each) => each.kind === "check" && each.chats);
  if (last?.kind !== "check") return true;
  const failed = last.problems.some((id) => id.startsWith("chat."));
  // A timer's runs are some minutes apart from their hour.
  return now.getTime() - Date.parse(last.at) >= (failed ? 0.9 : 23.5) * hour;
}

/** The history that {@link areChatsDue} reads. */
export function recentHistory({ home }: Pick<Deployment, "home">, now: Date): HistoryEntry[] {
  return readHistory(home, new Date(now.getTime() - 48 * hour).toISOString());
}

/**
 * Records a scheduled check, tells what a person must hear of, and calls the heartbeat's URL if it did not fail.
 * @param chats whether it tried them
 */
export async function recordScheduledCheck(
  deployment: Deployment,
  parameters: CheckParameters,
  report: CheckReport,
  chats: boolean,
): Promise<void> {
  const { home } = deployment;
  const { started: at, outcome, results, measured } = report;
  addToHistory(home, {
    kind: "check",
    at,
    outcome,
    problems: results.filter(({ status }) => status === "fail" || status === "warn").map(({ id }) => id),
    chats,
    ...(measured?.key ? { key: measured.key } : {}),
    ...(measured?.spentMonthUsd === undefined ? {} : { spentMonthUsd: measured.spentMonthUsd }),
    ...(measured?.spentTodayUsd === undefined ? {} : { spentTodayUsd: measured.spentTodayUsd }),
  });
  const history = readHistory(home, `${at.slice(0, 7)}-01`);
  const now = new Date(at);
  await tell(
    deployment,
    [observeCheck(report, parameters, history), observeHost(deployment, now)],
    () => now,
  );
  if (outcome !== "fail") await callHeartbeat(channelsRecord.read(home)?.heartbeat);
}

/** Records a scheduled drift check, and tells what a person must hear of. */
export async function recordScheduledDrift(deployment: Deployment, report: DriftReport): Promise<void> {
  const { started: at, outcome, findings } = report;
  addToHistory(deployment.home, { kind: "drift", at, outcome, problems: findings.map(({ id }) => id) });
  await tell(deployment, [observeDrift(report)], () => new Date(at));
}

/** Says elsewhere that this host lives. A call that fails is missed there: that is what it is for. */
async function callHeartbeat(url: string | undefined): Promise<void> {
  if (!url) return;
  const headers = { "User-Agent": "openclaw-openrouter" };
  await exchange(url, { headers, proxy: proxyFor(url, process.env), timeout: lastsFor }).catch(() => {});
}
