import { compareVersions } from "../../lib/core/version";

test.each<[string, string, number]>([
  ["1.2.3", "1.2.3", 0],
  ["v1.2.3", "1.2.3", 0],
  [" 1.2.3\n", "1.2.3", 0],
  ["1.2", "1.2.0", 0],
  ["1", "1.0.1", -1],
  ["2.0.0", "1.9.9", 1],
  ["1.10.0", "1.9.0", 1],
  ["1.2.10", "1.2.9", 1],
  ["1.2.3-rc1", "1.2.3", -1],
  ["1.2.3", "1.2.3-beta.1", 1],
  ["1.26rc1", "1.26", -1],
  ["1.2.3-rc1", "1.2.2", 1],
  ["1.2.3-alpha", "1.2.3-rc1", 0],
  // A distribution's own revision is no pre-release.
  ["20.10.24+dfsg1", "20.10.24", 0],
  ["1.2.3-1ubuntu2", "1.2.3", 0],
  ["no version", "0.0.0", 0],
])("%s against %s", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
