import { z } from "zod";
import { day } from "../../core/time";
import { alertMessage, alertSeverities } from "../../model/alert";
import { defineRecord } from "./record";

/** A message on its way, and the channels that do not have it yet. */
const spooled = z.object({
  message: alertMessage,
  pending: z.array(
    z.object({
      /** The channel's name. */
      channel: z.string(),
      attempts: z.int(),
      /** ISO 8601. */
      notBefore: z.string().exactOptional(),
    }),
  ),
});
export type Spooled = z.output<typeof spooled>;

/**
 * What was told, and what is still to be delivered. One file, written atomically: a message is in the spool exactly if its
 * condition counts as told.
 */
const alertState = z.object({
  version: z.literal(1),
  /** The states that were told, by id. */
  open: z.record(
    z.string(),
    z.object({
      since: z.string(),
      /** When it was last told. */
      told: z.string(),
      severity: z.enum(alertSeverities),
      summary: z.string(),
    }),
  ),
  /** The conditions that must be found again before they are told, by id, with the time when they were found first. */
  once: z.record(z.string(), z.string()),
  /** The periods in which a sum was told, by id: the newest last. */
  told: z.record(z.string(), z.array(z.string())),
  spool: z.array(spooled),
  /** The channels that refuse messages for good, by name, with the time and the answer; and the heartbeat's service. */
  refused: z.record(z.string(), z.object({ at: z.string(), answer: z.string() })),
  /** The number of messages that were dropped, because the spool was full or they were too old. */
  dropped: z.int(),
});
export type AlertState = z.output<typeof alertState>;

/** Why a receiver hears of nothing now, as text after its name; undefined if it takes messages. */
export function deafBecause({ refused, spool }: AlertState, name: string, now: Date): string | undefined {
  const refusal = refused[name];
  if (refusal) return `refused the last message (${refusal.answer})`;
  const late = new Date(now.getTime() - day).toISOString();
  const waits = spool.some(
    ({ message, pending }) => message.at < late && pending.some(({ channel }) => channel === name),
  );
  return waits ? "has taken no message for more than a day" : undefined;
}

/** The name of the heartbeat beside those of the channels. */
export const heartbeatName = "heartbeat";

/** Why the heartbeat's service may not notice that this host is dead, as text after its name; undefined if it took the last call. */
export function unheardBecause({ refused: { [heartbeatName]: refusal } }: AlertState): string | undefined {
  return refusal && `refused the last call (${refusal.answer}), and may not notice if this host stops`;
}

export const alertStateRecord = defineRecord("alertState", alertState);

export const noAlerts: AlertState = {
  version: 1,
  open: {},
  once: {},
  told: {},
  spool: [],
  refused: {},
  dropped: 0,
};
