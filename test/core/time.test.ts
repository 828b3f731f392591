import { describeDuration, parseDuration } from "../../lib/core/time";

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
