import { hostname } from "node:os";
import { allowing, attempt } from "../../core/attempt";
import { UserError } from "../../core/errors";
import { plain } from "../../core/plain-text";
import { poll } from "../../core/poll";
import type { Observation } from "../../model/alert";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { addToHistory } from "../../store/history";
import { readInstance } from "../../store/home";
import { type Lock, takeLock } from "../../store/lock";
import { readChannels } from "../../store/records/alert-channels";
import { type AlertState, alertStateRecord, noAlerts } from "../../store/records/alert-state";
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
  return underAlertLock(home, async (before) => {
    const { channels } = readChannels(home);
    const origin = {
      instance,
      id: readInstance(home.root)?.id ?? instance,
      host: plain(hostname()),
      channels: channels.map(({ name }) => name),
    };
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
  });
}

/**
 * Works on what was told while no other run delivers, which would write its own over it.
 * @throws UserError if another run still delivers after a minute
 */
export async function underAlertLock<T>(
  home: HomePaths,
  work: (state: AlertState) => T | Promise<T>,
): Promise<T> {
  const lock = await takeAlertLock(home.alertLock);
  try {
    return await work(readState(home));
  } finally {
    lock.release();
  }
}

/** A damaged state silences nobody: what is still so is told once more. */
export function readState(home: HomePaths): AlertState {
  return allowing(UserError, () => alertStateRecord.read(home)) ?? noAlerts;
}

/** @throws UserError if another run still holds it after a minute */
async function takeAlertLock(path: string): Promise<Lock> {
  // Not the environment's: a child must not take part in its parent's deliveries.
  const take = () => takeLock(path, "alerts", {});
  return (await poll(() => attempt(take), { every: 200, timeout: longestWait })) ?? take();
}
