import { knownSince, spendingByDay, surprisingDays } from "../../../lib/operations/alerts/spending";
import type { HistoryEntry } from "../../../lib/store/history";

const check = (at: string, spentMonthUsd: number, spentTodayUsd: number, key = "k1"): HistoryEntry => ({
  kind: "check",
  at: `2026-11-${at}:00.000Z`,
  outcome: "pass",
  problems: [],
  chats: false,
  key,
  spentMonthUsd,
  spentTodayUsd,
});
const now = new Date("2026-11-20T12:00:00Z");
const begin = "2026-11-01T00:00:00.000Z";
const rounded = (entries: readonly HistoryEntry[]) =>
  spendingByDay(entries, now).map(({ from, to, usd }) => [
    from.slice(8),
    to.slice(8),
    Number(usd.toFixed(6)),
  ]);

test("what was spent between two checks of one day belongs to that day", () => {
  expect(rounded([check("01T10:00", 1, 1), check("01T11:00", 3, 3)])).toEqual([["01", "01", 3]]);
});

test("what the day before spent after its last check is that day's", () => {
  expect(rounded([check("01T23:45", 1, 1), check("02T00:05", 2.5, 0.5)])).toEqual([
    ["01", "01", 2],
    ["02", "02", 0.5],
  ]);
});

test("after a gap only the sum of its days is known, the last day excepted", () => {
  expect(rounded([check("03T23:45", 1, 0.5), check("07T01:00", 9, 0.25)])).toEqual([
    ["01", "02", 0.5],
    ["03", "03", 0.5],
    ["03", "06", 7.75],
    ["07", "07", 0.25],
  ]);
});

test("the sums of the month before, which OpenRouter still reports as a month begins, are not of this month", () => {
  expect(
    rounded([check("01T00:00", 12, 0.4), check("01T00:15", 0.1, 0.1), check("02T10:00", 1, 0.5)]),
  ).toEqual([
    ["01", "01", 0.5],
    ["02", "02", 0.5],
  ]);
});

test("a replaced key begins at zero: its spending is added to that of the one before", () => {
  expect(rounded([check("01T10:00", 2, 2), check("01T20:00", 0.5, 0.5, "k2")])).toEqual([["01", "01", 2.5]]);
});

test("other months and checks without figures are left out", () => {
  const other: HistoryEntry = { ...check("01T10:00", 9, 9), at: "2026-10-31T10:00:00.000Z" };
  const none: HistoryEntry = {
    kind: "check",
    at: "2026-11-01T09:00:00.000Z",
    outcome: "fail",
    problems: [],
    chats: false,
  };
  expect(rounded([other, none])).toEqual([]);
});

test.each([
  ["a day of three times the mean is none", 0.9, []],
  ["a day above it is one", 0.91, ["04"]],
])("%s", (_, spent, expected) => {
  const days = ["01", "02", "03"].map((each) => ({
    from: `2026-11-${each}`,
    to: `2026-11-${each}`,
    days: 1,
    usd: 0.3,
  }));
  const all = [...days, { from: "2026-11-04", to: "2026-11-04", days: 1, usd: spent }];
  expect(surprisingDays(all, 0.1, begin).map(({ from }) => from.slice(8))).toEqual(expected);
  expect(surprisingDays(all, 5, begin)).toEqual([]);
});

test("of a gap its mean decides, and days on which nothing was spent count in the mean", () => {
  const gap = { from: "2026-11-11", to: "2026-11-13", days: 2.01, usd: 24.3 };
  const before = { from: "2026-11-05", to: "2026-11-05", days: 1, usd: 3 };
  expect(surprisingDays([before, gap], 0.3, begin)[1]).toEqual({ ...gap, mean: 0.3 });
  expect(surprisingDays([before, { ...gap, usd: 1.7 }], 0.3, begin).map(({ from }) => from)).toEqual([
    "2026-11-05",
  ]);
});

test("the first day of a month has no mean", () => {
  expect(surprisingDays([{ from: "2026-11-01", to: "2026-11-01", days: 1, usd: 90 }], 0.3, begin)).toEqual(
    [],
  );
});

test.each<[string, HistoryEntry[], string[]]>([
  [
    "deployed on the 18th, with a new key",
    [
      check("18T18:00", 0, 0),
      check("18T23:45", 0.5, 0.5),
      check("19T23:45", 2.5, 2),
      check("20T23:45", 4.5, 2),
    ],
    [],
  ],
  [
    "deployed on the 18th, and wild on the 20th",
    [
      check("18T18:00", 0, 0),
      check("18T23:45", 0.5, 0.5),
      check("19T23:45", 2.5, 2),
      check("20T23:45", 14.5, 12),
    ],
    ["20"],
  ],
  [
    "deployed on the 18th, with a key that spent before",
    [check("18T18:00", 1.7, 0), check("18T23:45", 1.8, 0.1), check("19T23:45", 2.8, 1)],
    ["19"],
  ],
  [
    "checked since the month began",
    [check("01T00:01", 0, 0), check("18T23:45", 0.5, 0.5), check("19T23:45", 2.5, 2)],
    ["18", "19"],
  ],
])("of a host that is %s, the mean is that of the days that are known", (_, history, expected) => {
  const days = spendingByDay(history, now);
  const since = knownSince(history, days, now);
  expect(surprisingDays(days, 0.3, since).map(({ to }) => to.slice(8))).toEqual(expected);
});
