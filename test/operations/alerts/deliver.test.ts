import type { AlertMessage } from "../../../lib/model/alert";
import { deliver } from "../../../lib/operations/alerts/deliver";
import type { Delivery } from "../../../lib/operations/alerts/delivery";
import type { Channel } from "../../../lib/store/records/alert-channels";
import { type AlertState, noAlerts } from "../../../lib/store/records/alert-state";

const start = Date.UTC(2026, 10, 20);
const message = (id: string, at = start): AlertMessage => ({
  version: 1,
  id,
  event: "vault.sealed",
  phase: "raised",
  severity: "critical",
  instance: "default",
  host: "h",
  at: new Date(at).toISOString(),
  summary: "sealed",
});
const channels = ["slack", "mail"].map(
  (name): Channel => ({ name, kind: "webhook", target: "https://x", added: "2026-11-01T00:00:00.000Z" }),
);
const spooled = (ids: readonly string[], at?: number): AlertState => ({
  ...noAlerts,
  spool: ids.map((id) => ({
    message: message(id, at),
    pending: channels.map(({ name }) => ({ channel: name, attempts: 0 })),
  })),
});

/** Delivers with answers by channel; what is sent is noted. */
async function run(
  state: AlertState,
  answer: (channel: string, id: string) => Delivery,
  now = start,
  longest?: number,
) {
  const sent: string[] = [];
  const kept: AlertState[] = [];
  const after = await deliver(state, {
    channels,
    send: async ({ name }, { id }) => {
      sent.push(`${name} ${id}`);
      return answer(name, id);
    },
    keep: (each) => kept.push(each),
    now: () => new Date(now),
    ...(longest === undefined ? {} : { longest }),
  });
  return { after, sent, kept };
}
const delivered: Delivery = { result: "delivered" };
const waits = (state: AlertState, channel: string) =>
  state.spool.flatMap(({ pending }) =>
    pending.filter((each) => each.channel === channel).map(({ notBefore }) => notBefore),
  );

test("each channel gets each message in order, and nothing is left", async () => {
  const { after, sent } = await run(spooled(["a", "b"]), () => delivered);
  expect(sent.filter((each) => each.startsWith("slack"))).toEqual(["slack a", "slack b"]);
  expect(sent).toHaveLength(4);
  expect(after.spool).toEqual([]);
});

test("a run whose time is over leaves the rest to the next one", async () => {
  const { after, sent } = await run(spooled(["a", "b"]), () => delivered, start, 0);
  expect(sent).toEqual(["slack a", "mail a"]);
  expect((await run(after, () => delivered)).sent).toEqual(["slack b", "mail b"]);
});

test("after each delivery what is left is kept: a crash repeats the one in flight alone", async () => {
  const { kept } = await run(spooled(["a", "b"]), () => delivered);
  const left = kept.map(({ spool }) => spool.reduce((sum, { pending }) => sum + pending.length, 0));
  expect(left).toEqual([3, 2, 1, 0]);
});

test("a wait that a clock set which was ahead holds up nothing, one of a day does", async () => {
  const later: Delivery = { result: "later", answer: "ENOTFOUND" };
  const ahead = Date.UTC(2030, 0, 1);
  const { after } = await run(spooled(["a", "b"], ahead), () => later, ahead);
  expect((await run(after, () => delivered)).sent.filter((each) => each.startsWith("mail"))).toEqual([
    "mail a",
    "mail b",
  ]);
  const asked = await run(spooled(["a"]), () => ({ ...later, afterSeconds: 86_400 }));
  expect((await run(asked.after, () => delivered)).sent).toEqual([]);
});

test("a channel that fails holds up no other, and gets no newer message before the older one", async () => {
  const { after, sent } = await run(spooled(["a", "b"]), (name) =>
    name === "slack" ? { result: "later", answer: "status 503" } : delivered,
  );
  expect(sent.sort()).toEqual(["mail a", "mail b", "slack a"]);
  expect(after.spool.map(({ pending }) => pending.map(({ channel }) => channel))).toEqual([
    ["slack"],
    ["slack"],
  ]);
});

test.each([
  ["a minute after the first try", [1], 1],
  ["twice as long after each one", [1, 1, 1], 4],
  ["six hours at most", Array(12).fill(1), 360],
])("it is tried again %s", async (_, tries, minutes) => {
  let state = spooled(["a"]);
  let now = start;
  for (const _ of tries) {
    ({ after: state } = await run(state, () => ({ result: "later", answer: "status 500" }), now));
    now = Date.parse(waits(state, "slack")[0]!);
  }
  const before = now - minutes * 60_000;
  expect((await run(state, () => delivered, now - 1)).sent).toEqual([]);
  expect((await run(state, () => delivered, now)).sent).toContain("slack a");
  expect(before).toBeGreaterThanOrEqual(start);
});

test("what the receiver asks for comes first, within a day", async () => {
  const answers: Record<string, Delivery> = {
    slack: { result: "later", answer: "status 429", afterSeconds: 90 },
    mail: { result: "later", answer: "status 429", afterSeconds: 1e9 },
  };
  const { after } = await run(spooled(["a"]), (name) => answers[name]!);
  expect(waits(after, "slack")).toEqual([new Date(start + 90_000).toISOString()]);
  expect(waits(after, "mail")).toEqual([new Date(start + 24 * 3_600_000).toISOString()]);
});

test("for a receiver that refuses everything messages wait, and it hears of all once it takes them again", async () => {
  const closed: Delivery = { result: "closed", answer: "status 401" };
  const { after, sent } = await run(spooled(["a", "b"]), (name) => (name === "slack" ? closed : delivered));
  expect(sent.filter((each) => each.startsWith("slack"))).toEqual(["slack a"]);
  expect(after.refused).toEqual({ slack: { at: new Date(start).toISOString(), answer: "status 401" } });
  const sixHours = start + 6 * 3_600_000;
  expect((await run(after, () => delivered, sixHours - 1)).sent).toEqual([]);
  const later = await run(after, () => delivered, sixHours);
  expect([later.sent, later.after.spool, later.after.refused]).toEqual([["slack a", "slack b"], [], {}]);
});

test("a message that is refused is so for good: it is recorded until the channel takes a message again", async () => {
  const refusing = await run(spooled(["a"]), (name) =>
    name === "slack" ? { result: "refused", answer: "status 400" } : delivered,
  );
  expect(refusing.after.spool).toEqual([]);
  expect(refusing.after.refused).toEqual({
    slack: { at: new Date(start).toISOString(), answer: "status 400" },
  });
  const later = await run({ ...spooled(["b"]), refused: refusing.after.refused }, () => delivered);
  expect(later.after.refused).toEqual({});
});

test("what is older than two weeks is dropped and counted", async () => {
  const { after, sent } = await run(spooled(["a"], start - 15 * 86_400_000), () => delivered);
  expect([sent, after.spool, after.dropped]).toEqual([[], [], 1]);
});

test("the oldest of more than 500 are dropped and counted", async () => {
  const ids = Array.from({ length: 503 }, (_, index) => String(index));
  const { after } = await run(spooled(ids), () => ({ result: "later", answer: "no network" }));
  expect([after.spool.length, after.spool[0]?.message.id, after.dropped]).toEqual([500, "3", 3]);
});

test("a message whose channels were removed is forgotten, without being counted as dropped", async () => {
  const state = spooled(["a"]);
  const gone = {
    ...state,
    spool: state.spool.map((each) => ({ ...each, pending: [{ channel: "gone", attempts: 0 }] })),
  };
  const { after } = await run(gone, () => delivered);
  expect([after.spool, after.dropped]).toEqual([[], 0]);
});
