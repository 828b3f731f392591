import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { UserError } from "../../core/errors";
import { plain } from "../../core/plain-text";
import { type AlertMessage, messageId } from "../../model/alert";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { readInstance } from "../../store/home";
import {
  type AlertChannels,
  type Channel,
  type ChannelKind,
  channelsRecord,
  readChannels,
} from "../../store/records/alert-channels";
import { type AlertState, alertStateRecord } from "../../store/records/alert-state";
import { recognise } from "./channels/recognise";
import { send } from "./send";
import { readState, underAlertLock } from "./tell";

/** A channel, without what is secret of it. */
export type ChannelStatus = ReturnType<typeof listChannels>[number];

/** The channels of an instance, in the order in which they were added. */
export function listChannels(home: HomePaths) {
  const state = alertStateRecord.read(home);
  return readChannels(home).channels.map(({ name, kind, target, added }) => {
    const refused = state?.refused[name];
    const waiting = state?.spool.filter(({ pending }) =>
      pending.some(({ channel }) => channel === name),
    ).length;
    return {
      name,
      kind,
      /** Where it leads: a host, or a program. */
      to: leadsTo(kind, target),
      added,
      /** The number of messages that wait for it. */
      waiting: waiting ?? 0,
      /** Set if it refuses messages for good. */
      ...(refused ? { refused } : {}),
    };
  });
}

function leadsTo(kind: ChannelKind, target: string): string {
  return kind === "command" ? (target.split(/\s/)[0] ?? "") : new URL(target).host;
}

/**
 * Adds a channel after a test message has reached it.
 * @param text its URL or command line, a secret
 * @throws UserError if it is no receiver, is there already, or did not take the test
 */
export async function addChannel(deployment: Deployment, text: string): Promise<Channel> {
  const { home } = deployment;
  const { kind, target } = recognise(text);
  const before = readChannels(home);
  const same = before.channels.find((each) => each.target === target);
  if (same) {
    throw new UserError({
      problem: "This receiver is there already.",
      got: `the receiver ${same.name}`,
      fix: `To test it: openclaw-openrouter alerts test ${same.name}`,
    });
  }
  const channel: Channel = {
    name: freeName(kind, before.channels),
    kind,
    target,
    ...(kind === "webhook" ? { signingKey: new URL(target).hash.slice(1) || newSigningKey() } : {}),
    added: new Date().toISOString(),
  };
  const delivery = await send(channel, testMessage(deployment));
  if (delivery.result !== "delivered") {
    throw new UserError({
      problem: `The test message did not arrive, so this receiver (${kind}) was not added.`,
      got: delivery.answer,
      expected: "that the receiver takes it",
      fix: "Correct the URL, the login or the receiver, then run: openclaw-openrouter alerts add",
    });
  }
  channelsRecord.write(home, { ...before, channels: [...before.channels, channel] });
  // Nobody was told of what was found before there was a channel: the next run tells what is still so.
  if (before.channels.length === 0)
    await underAlertLock(home, (state) =>
      alertStateRecord.write(home, { ...state, open: {}, told: {}, spool: [] }),
    );
  return channel;
}

/** In the form of the Standard Webhooks specification. */
function newSigningKey(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

function freeName(kind: ChannelKind, taken: readonly Channel[]): string {
  const names = new Set(taken.map(({ name }) => name));
  for (let number = 1; ; number++) {
    const name = number === 1 ? kind : `${kind}-${number}`;
    if (!names.has(name)) return name;
  }
}

/** @throws UserError if there is no channel of that name */
export async function removeChannel(home: HomePaths, name: string): Promise<void> {
  findChannel(readChannels(home), name);
  await underAlertLock(home, (state) => {
    const before = readChannels(home);
    channelsRecord.write(home, { ...before, channels: before.channels.filter((each) => each.name !== name) });
    // The next channel can have its name.
    dropRefusals(home, state, [name]);
  });
}

/** What waits for these channels is due again. */
function dropRefusals(home: HomePaths, state: AlertState, names: readonly string[]): void {
  const refused = Object.entries(state.refused).filter(([name]) => !names.includes(name));
  const spool = state.spool.map(({ message, pending }) => ({
    message,
    pending: pending.map((each) =>
      names.includes(each.channel) ? { channel: each.channel, attempts: 0 } : each,
    ),
  }));
  alertStateRecord.write(home, { ...state, spool, refused: Object.fromEntries(refused) });
}

function findChannel({ channels }: AlertChannels, name: string): Channel {
  const found = channels.find((each) => each.name === name);
  if (found) return found;
  throw new UserError({
    problem: "There is no receiver of that name.",
    got: name,
    expected: channels.map((each) => each.name).join(", ") || "no receiver: none was added yet",
    fix: "openclaw-openrouter alerts list",
  });
}

/**
 * Sends a test message to one channel, or to all. One that takes it does not refuse messages any more.
 * @returns what came of it, by channel
 * @throws UserError if there is no such channel, or none at all
 */
export async function testChannels(deployment: Deployment, name: string | undefined) {
  const all = readChannels(deployment.home);
  const chosen = name === undefined ? all.channels : [findChannel(all, name)];
  if (chosen.length === 0) {
    throw new UserError({ problem: "There is no receiver to test.", fix: "openclaw-openrouter alerts add" });
  }
  const message = testMessage(deployment);
  const tested = await Promise.all(
    chosen.map(async (channel) => ({ name: channel.name, delivery: await send(channel, message) })),
  );
  const { refused } = readState(deployment.home);
  const again = tested
    .filter(({ name, delivery }) => delivery.result === "delivered" && refused[name])
    .map(({ name }) => name);
  if (again.length > 0)
    await underAlertLock(deployment.home, (state) => dropRefusals(deployment.home, state, again));
  return tested;
}

function testMessage({ instance, home }: Deployment): AlertMessage {
  const at = new Date().toISOString();
  return {
    version: 1,
    id: messageId(readInstance(home.root)?.id ?? instance, "test", at),
    event: "test",
    phase: "test",
    severity: "warning",
    instance,
    host: plain(hostname()),
    at,
    summary: "Alerts arrive here. Nothing is wrong.",
  };
}
