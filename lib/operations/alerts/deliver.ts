import type { AlertMessage } from "../../model/alert";
import type { Channel } from "../../store/records/alert-channels";
import type { AlertState, Spooled } from "../../store/records/alert-state";
import type { Delivery } from "./delivery";

const minute = 60_000;
/** How long a message is tried. */
const longest = 14 * 24 * 60 * minute;
/** The longest wait between two tries. */
const mostWait = 6 * 60 * minute;
/** After how long a run leaves the rest to the next one: another run waits for it, and a slow receiver can have many. */
const longestRun = 40_000;
/** The number of messages on their way; above it the oldest are dropped. */
const mostSpooled = 500;

/** What delivering needs. */
interface DeliverOptions {
  readonly channels: readonly Channel[];
  readonly send: (channel: Channel, message: AlertMessage) => Promise<Delivery>;
  /** Called after each delivery with what is left, before the next one: a crash repeats at most the one in flight. */
  readonly keep: (state: AlertState) => void;
  readonly now: () => Date;
  /** Milliseconds after which no other delivery begins. @default 40 s */
  readonly longest?: number;
}

/**
 * Delivers what is on its way, the oldest first, each channel by itself: one that fails holds up no other, and gets no newer
 * message before the older one.
 */
export async function deliver(given: AlertState, options: DeliverOptions): Promise<AlertState> {
  let state = withinBounds(given, options);
  if (state !== given) options.keep(state);
  const end = performance.now() + (options.longest ?? longestRun);
  await Promise.all(
    options.channels.map(async (channel) => {
      for (const { message, pending } of state.spool) {
        const place = pending.find((each) => each.channel === channel.name);
        if (!place) continue;
        if (waits(place.notBefore, options.now())) return;
        const delivery = await options.send(channel, message);
        state = recorded(state, channel.name, message.id, delivery, options.now());
        options.keep(state);
        if (isKept(delivery) || performance.now() >= end) return;
      }
    }),
  );
  return state;
}

/** Whether a try must wait. No wait is longer than a day: one that is was set by a clock that was ahead, and would never end. */
function waits(notBefore: string | undefined, now: Date): boolean {
  const left = notBefore === undefined ? 0 : Date.parse(notBefore) - now.getTime();
  return left > 0 && left <= 4 * mostWait;
}

/** Drops what is too old, what nobody waits for, and the oldest of too many. */
function withinBounds(state: AlertState, { channels, now }: DeliverOptions): AlertState {
  const names = new Set(channels.map(({ name }) => name));
  const oldest = new Date(now().getTime() - longest).toISOString();
  const waiting = state.spool
    .map(({ message, pending }) => ({
      message,
      pending: pending.filter(({ channel }) => names.has(channel)),
    }))
    .filter(({ pending }) => pending.length > 0);
  const kept = waiting.filter(({ message }) => message.at >= oldest).slice(-mostSpooled);
  if (
    kept.length === state.spool.length &&
    kept.every((each, at) => each.pending.length === state.spool[at]?.pending.length)
  )
    return state;
  return { ...state, spool: kept, dropped: state.dropped + waiting.length - kept.length };
}

/** Whether the message still waits for its channel. */
function isKept({ result }: Delivery): boolean {
  return result === "later" || result === "closed";
}

function recorded(state: AlertState, channel: string, id: string, delivery: Delivery, now: Date): AlertState {
  const spool = state.spool
    .map((each): Spooled => {
      if (each.message.id !== id) return each;
      const others = each.pending.filter((place) => place.channel !== channel);
      const mine = each.pending.find((place) => place.channel === channel);
      if (!isKept(delivery) || !mine) return { ...each, pending: others };
      const attempts = mine.attempts + 1;
      const notBefore = new Date(now.getTime() + waitAfter(attempts, delivery)).toISOString();
      return { ...each, pending: [...others, { channel, attempts, notBefore }] };
    })
    .filter(({ pending }) => pending.length > 0);
  const { [channel]: _, ...refused } = state.refused;
  if (delivery.result === "later") return { ...state, spool };
  if (delivery.result === "delivered") return { ...state, spool, refused };
  return {
    ...state,
    spool,
    refused: { ...refused, [channel]: { at: now.toISOString(), answer: delivery.answer } },
  };
}

/** Doubles from a minute up to six hours; what the receiver asks for comes first, within a day. */
function waitAfter(attempts: number, delivery: Delivery): number {
  if (delivery.result === "closed") return mostWait;
  const afterSeconds = delivery.result === "later" ? delivery.afterSeconds : undefined;
  if (afterSeconds !== undefined) return Math.min(afterSeconds * 1000, 4 * mostWait);
  return Math.min(2 ** (attempts - 1) * minute, mostWait);
}
