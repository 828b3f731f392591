import { satisfies } from "../../lib/core/node-range";

const node = "22.14.2";

test.each<[string, boolean]>([
  [">=22.14.2", true],
  [">=22.14.3", false],
  [">22.14.1", true],
  [">22.14.2", false],
  // Above 22 as a whole.
  [">22", false],
  [">21", true],
  ["<22.14.3", true],
  ["<22.14.2", false],
  ["<22", false],
  ["<=22.14.2", true],
  ["<=22.14.1", false],
  // Up to the last 22.
  ["<=22", true],
  ["<=21", false],
  ["^22.0.0", true],
  ["^22.15.0", false],
  ["^21.0.0", false],
  ["~22.14.0", true],
  ["~22.14.3", false],
  ["~22.13.0", false],
  ["22", true],
  ["22.x", true],
  ["v22.14", true],
  ["=22.14.2", true],
  ["22.14.1", false],
  ["23.X", false],
  ["*", true],
])("%s takes 22.14.2: %s", (range, expected) => {
  expect(satisfies(node, range)).toBe(expected);
});

test.each<[string, boolean]>([
  [">=20 <22", false],
  [">=20 <23", true],
  [">= 20   < 23", true],
  ["^18 || ^20", false],
  ["^18 || ^22", true],
  ["^18 || >=24 <26 || 22.14.2", true],
])("joined comparisons, %s: %s", (range, expected) => {
  expect(satisfies(node, range)).toBe(expected);
});

test.each([
  ["22", ">=24"],
  ["unknown", ">=24"],
  [node, "latest"],
])("what cannot be judged is no reason to refuse: %s by %s", (version, range) => {
  expect(satisfies(version, range)).toBe(true);
});

test("a version as Node prints it, with blanks", () => {
  expect(satisfies(" v22.14.2\n", "22.14.2")).toBe(true);
});
