import type { Condition } from "../../../lib/model/alert";
import { judge } from "../../../lib/operations/alerts/judge";
import { type AlertState, noAlerts } from "../../../lib/store/records/alert-state";

const origin = { instance: "default", id: "2f1c", host: "h", channels: ["slack", "mail"] };
const sealed: Condition = { id: "vault.sealed", severity: "critical", summary: "sealed", fix: "unseal it" };
const slow: Condition = { id: "check.failed:x", severity: "warning", summary: "x failed", twice: true };
const spent: Condition = {
  id: "spending.alert",
  period: "2026-11",
  severity: "warning",
  summary: "10 EUR reached",
};
const days = (count: number) => new Date(Date.UTC(2026, 10, 1) + count * 86_400_000).toISOString();

/** Judges observations one after another, a day apart. */
function run(
  steps: readonly [at: number, conditions: readonly Condition[], determined?: readonly string[]][],
) {
  let state: AlertState = noAlerts;
  const messages: string[] = [];
  for (const [at, conditions, determined = ["*"]] of steps) {
    const before = state.spool.length;
    state = judge(state, { at: days(at), conditions, determined }, origin);
    messages.push(
      ...state.spool.slice(before).map(({ message }) => `${at} ${message.phase} ${message.event}`),
    );
  }
  return { state, messages };
}

test("a sum is reported once a period, and again in the next one", () => {
  const next = { ...spent, period: "2026-12" };
  const { messages } = run([
    [1, [spent]],
    [2, [spent]],
    [3, []],
    [4, [spent]],
    [31, [next]],
    [32, [spent]],
  ]);
  expect(messages).toEqual(["1 raised spending.alert", "31 raised spending.alert"]);
});

test("its commands name the instance", () => {
  const condition = { ...sealed, fix: "openclaw-openrouter vault unseal" };
  const observation = { at: days(0), conditions: [condition], determined: [] };
  const { spool } = judge(noAlerts, observation, { ...origin, instance: "prod" });
  expect(spool.map(({ message }) => message.fix)).toEqual([
    "openclaw-openrouter vault unseal --instance prod",
  ]);
});

test("a state is reported once, and once more when it is resolved; it can come back", () => {
  const { messages } = run([
    [1, [sealed]],
    [2, [sealed]],
    [3, []],
    [4, []],
    [5, [sealed]],
  ]);
  expect(messages).toEqual(["1 raised vault.sealed", "3 resolved vault.sealed", "5 raised vault.sealed"]);
});

test("what could not be determined is neither raised nor resolved", () => {
  const { messages, state } = run([
    [1, [sealed]],
    [2, [], ["key.refused"]],
    [3, [], ["vault.*"]],
  ]);
  expect(messages).toEqual(["1 raised vault.sealed", "3 resolved vault.sealed"]);
  expect(state.open).toEqual({});
});

test("a critical state is told again each week, another one is not", () => {
  const mild: Condition = { ...sealed, id: "backup.overdue", severity: "warning" };
  const { messages } = run([1, 4, 8, 9, 15, 21].map((at) => [at, [sealed, mild]]));
  expect(messages).toEqual([
    "1 raised vault.sealed",
    "1 raised backup.overdue",
    "8 reminder vault.sealed",
    "15 reminder vault.sealed",
  ]);
});

test("a critical state that was reported by a clock which was ahead is reported again", () => {
  const { messages } = run([
    [400, [sealed]],
    [1, [sealed]],
    [2, [sealed]],
  ]);
  expect(messages).toEqual(["400 raised vault.sealed", "1 reminder vault.sealed"]);
});

test("a check's failure is told when it is found twice in a row, with the first time", () => {
  const { messages, state } = run([
    [1, [slow]],
    [2, []],
    [3, [slow]],
    [4, [], []],
    [5, [slow]],
    [6, [slow]],
    [7, []],
  ]);
  expect(messages).toEqual(["5 raised check.failed:x", "7 resolved check.failed:x"]);
  expect(state.spool[0]?.message.since).toBe(days(3));
});

test("a state with a time is reported once it is found for so long, whatever the clock was before", () => {
  const long: Condition = { ...sealed, id: "openrouter.unreachable", after: 2 * 86_400_000 };
  const { messages, state } = run([
    [1, [long]],
    [2, [long]],
    [2.5, [], []],
    [3, [long]],
    [4, [long]],
    [5, []],
  ]);
  expect(messages).toEqual(["3 raised openrouter.unreachable", "5 resolved openrouter.unreachable"]);
  expect(state.spool[0]?.message.since).toBe(days(1));
  const ahead = run([
    [400, [long]],
    [1, [long]],
    [2, [long]],
    [3, [long]],
  ]);
  expect(ahead.messages).toEqual(["3 raised openrouter.unreachable"]);
});

test("a state found once that is gone before it was told is not resolved either", () => {
  expect(
    run([
      [1, [slow]],
      [2, []],
    ]).messages,
  ).toEqual([]);
});

test("the id of a message depends on instance, event, phase and beginning alone", () => {
  const ids = (steps: Parameters<typeof run>[0]) => run(steps).state.spool.map(({ message }) => message.id);
  const one = ids([[1, [sealed, spent]]]);
  expect(
    ids([
      [
        1,
        [
          { ...sealed, summary: "other" },
          { ...spent, summary: "other" },
        ],
      ],
    ]),
  ).toEqual(one);
  expect(ids([[2, [sealed]]])[0]).not.toBe(one[0]);
  expect(
    new Set(
      ids([
        [1, [sealed]],
        [9, [sealed]],
        [10, []],
      ]),
    ).size,
  ).toBe(3);
});

test("each message waits for each channel", () => {
  expect(run([[1, [sealed]]]).state.spool[0]?.pending).toEqual([
    { channel: "slack", attempts: 0 },
    { channel: "mail", attempts: 0 },
  ]);
});
