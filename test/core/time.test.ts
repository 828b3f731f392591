import {
  dateOf,
  daysBetween,
  describeDuration,
  fileTime,
  minuteOf,
  monthOf,
  parseDuration,
} from "../../lib/core/time";

test.each([
  ["0", 0],
  ["45s", 45],
  ["30m", 1800],
  ["12h", 43_200],
  ["90d", 7_776_000],
])("%s", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
  expect(describeDuration(seconds)).toBe(text);
});

test.each(["", "5", "1.5h", "-1d", "1w", "90 d", "1h30m", "9999999d"])("%j is none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [7200, "2h"],
  [5400, "90m"],
  [172_800, "2d"],
  [61, "61s"],
])("%d s is %s", (seconds, text) => {
  expect(describeDuration(seconds)).toBe(text);
});

test("the days between two times, with their fraction, forwards and backwards", () => {
  expect(daysBetween("2026-11-01T00:00:00Z", "2026-11-02T12:00:00Z")).toBe(1.5);
  expect(daysBetween(new Date("2026-11-02T00:00:00Z"), "2026-11-01T00:00:00Z")).toBe(-1);
});

test("a day, a minute and a file's name, in UTC", () => {
  expect(fileTime(new Date("2026-11-29T12:30:59.123Z"))).toBe("20261129T123059123Z");
  expect(dateOf(new Date("2026-11-29T23:59:59.999Z"))).toBe("2026-11-29");
  expect(minuteOf("2026-11-29T12:30:59.123Z")).toBe("2026-11-29 12:30 UTC");
  expect(minuteOf(new Date("2026-11-29T14:30:59.123+02:00"))).toBe("2026-11-29 12:30 UTC");
});

test.each([
  ["2026-11-01T00:00:00Z", { days: 30, daysGone: 0, wholeDaysGone: 0 }],
  ["2026-11-16T12:00:00Z", { days: 30, daysGone: 15.5, wholeDaysGone: 15 }],
  ["2026-12-31T23:00:00Z", { days: 31, daysGone: 30 + 23 / 24, wholeDaysGone: 30 }],
  ["2028-02-29T00:00:00Z", { days: 29, daysGone: 28, wholeDaysGone: 28 }],
])("where %s is in its month", (time, expected) => {
  const { daysGone, ...rest } = monthOf(new Date(time));
  const { daysGone: gone, ...others } = expected;
  expect(rest).toEqual(others);
  expect(daysGone).toBeCloseTo(gone, 9);
});
