import { day } from "../../core/time";
import type { AlertMessage, Condition, Observation } from "../../model/alert";
import { messageId } from "../../model/alert";
import { namingInstance } from "../../report/clean";
import type { AlertState, Spooled } from "../../store/records/alert-state";

/** After how long a critical state is told again. */
const reminderAfter = 7 * day;
/** The periods that are kept of each sum: a repeated observation of an older one would be told again. */
const mostPeriods = 62;

/** Where the alerts come from. */
interface Origin {
  readonly instance: string;
  /** The instance's id, so that two instances of one name on two hosts have other messages. */
  readonly id: string;
  readonly host: string;
  /** The names of the channels. */
  readonly channels: readonly string[];
}

/**
 * What an observation adds to what was told: a sum once a period, a state once until it is resolved, a critical state again each
 * week. Pure: the caller writes the result in one piece, so that each message is put on its way exactly once.
 */
export function judge(before: AlertState, observation: Observation, origin: Origin): AlertState {
  const { at } = observation;
  const messages: AlertMessage[] = [];
  const tell = (
    phase: AlertMessage["phase"],
    { id, severity, summary, fix }: Condition,
    began: string,
    since?: string,
  ) =>
    messages.push({
      version: 1,
      id: messageId(origin.id, id, phase, began),
      event: id,
      phase,
      severity,
      instance: origin.instance,
      host: origin.host,
      at,
      ...(since ? { since } : {}),
      summary: namingInstance(origin.instance, summary),
      ...(fix ? { fix: namingInstance(origin.instance, fix) } : {}),
    });

  const open = { ...before.open };
  const told = { ...before.told };
  const once: Record<string, string> = {};
  const present = new Set(observation.conditions.map(({ id }) => id));

  for (const condition of observation.conditions) {
    const { id, period, severity, summary } = condition;
    if (period !== undefined) {
      const periods = told[id] ?? [];
      if (periods.includes(period)) continue;
      told[id] = [...periods, period].slice(-mostPeriods);
      tell("raised", condition, period);
      continue;
    }
    const known = open[id];
    if (!known) {
      const first = before.once[id];
      // A clock that was ahead found it in a time to come.
      const since = first !== undefined && first <= at ? first : at;
      const isEarly = Date.parse(at) - Date.parse(since) < (condition.after ?? 0);
      if (isEarly || (condition.twice && first === undefined)) {
        once[id] = since;
        continue;
      }
      open[id] = { since, told: at, severity, summary };
      tell("raised", condition, since, since);
    } else if (severity === "critical" && isReminded(known.told, at)) {
      open[id] = { ...known, told: at, severity, summary };
      tell("reminder", condition, at, known.since);
    } else open[id] = { ...known, severity, summary };
  }

  for (const [id, { since, severity, summary }] of Object.entries(before.open)) {
    if (present.has(id) || !isDetermined(id, observation)) continue;
    delete open[id];
    tell("resolved", { id, severity, summary }, since, since);
  }
  // A state that was found once and could not be determined now may still be there.
  for (const [id, since] of Object.entries(before.once)) {
    if (!present.has(id) && !isDetermined(id, observation)) once[id] = since;
  }
  return {
    ...before,
    open,
    once,
    told,
    spool: [...before.spool, ...messages.map(onItsWay(origin.channels))],
  };
}

/** Whether a state is told again. A time to come is of a clock that was ahead. */
function isReminded(told: string, at: string): boolean {
  return told > at || Date.parse(at) - Date.parse(told) >= reminderAfter;
}

function isDetermined(id: string, { determined }: Observation): boolean {
  return determined.some((each) => (each.endsWith("*") ? id.startsWith(each.slice(0, -1)) : each === id));
}

function onItsWay(channels: readonly string[]): (message: AlertMessage) => Spooled {
  return (message) => ({ message, pending: channels.map((channel) => ({ channel, attempts: 0 })) });
}
