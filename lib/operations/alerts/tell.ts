import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { plain } from "../../core/plain-text";
import type { Observation } from "../../model/alert";
import type { Deployment } from "../../model/deployment";
import { channelsRecord } from "../../store/alert-channels";
import { type AlertState, alertStateRecord, noAlerts } from "../../store/alert-state";
import { addToHistory } from "../../store/history";
import { readInstance } from "../../store/home";
import { type Lock, takeLock } from "../../store/lock";
import { deliver } from "./deliver";
import { judge } from "./judge";
import { send } from "./send";

/** The longest wait for another run that delivers, in milliseconds: each of its deliveries ends in 15 seconds. */
const longestWait = 60_000;

/**
 * Judges what a scheduled run found, and delivers what a person must hear of, with what is left from earlier runs. What was told
 * and what is on its way are one file: a crash repeats at most the message in flight.
 * @param observations in the order in which they were made
 * @param now for the waits between two tries
 */
export async function tell(
  deployment: Pick<Deployment, "instance" | "home">,
  observations: readonly Observation[],
  now: () => Date = () => new Date(),
): Promise<AlertState> {
  const { home, instance } = deployment;
  const lock = await takeAlertLock(home.alertLock);
  try {
    const channels = channelsRecord.read(home)?.channels ?? [];
    const origin = {
      instance,
      id: readInstance(home.root)?.id ?? instance,
      host: plain(hostname()),
      channels: channels.map(({ name }) => name),
    };
    const before = alertStateRecord.read(home) ?? noAlerts;
    const judged = observations.reduce((state, each) => judge(state, each, origin), before);
    alertStateRecord.write(home, judged);
    for (const { message } of judged.spool.slice(before.spool.length)) {
      const { at, event, phase, summary } = message;
      addToHistory(home, { kind: "alert", at, event, phase, summary });
    }
    return await deliver(judged, {
      channels,
      send,
      keep: (state) => alertStateRecord.write(home, state),
      now,
    });
  } finally {
    lock.release();
  }
}

/** @throws UserError if another run still holds it after a minute */
async function takeAlertLock(path: string): Promise<Lock> {
  const until = Date.now() + longestWait;
  for (;;) {
    try {
      // Not the environment's: a child must not take part in its parent's deliveries.
      return takeLock(path, "alerts", {});
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(200);
    }
  }
}
