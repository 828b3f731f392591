import { giveUp, goSettings, isPlain, mayShorten } from "../../../lib/terraform/fast/shortcuts";

const program = (kind: "terraform" | "tofu", version: string, path = `/bin/${kind}`) => ({
  kind,
  version,
  path,
});

test.each([
  ["terraform", "1.11.0", true],
  ["terraform", "1.11.4", true],
  ["terraform", "1.11.0-rc1", true],
  ["terraform", "1.12.0", false],
  ["terraform", "1.1.1", false],
  ["terraform", "2.11.0", false],
  ["tofu", "1.12.6", true],
  ["tofu", "1.11.4", false],
] as const)("shortcuts hold for the versions that were tried: %s %s: %s", (kind, version, holds) => {
  expect(mayShorten(program(kind, version), {})).toBe(holds);
});

test.each([
  [undefined, false],
  ["", false],
  ["0", false],
  ["false", false],
  ["1", true],
  ["true", true],
])("none is used where OPENCLAW_OPENROUTER_PLAIN is %p: %s", (value, plain) => {
  const env = value === undefined ? {} : { OPENCLAW_OPENROUTER_PLAIN: value };
  expect(isPlain(env)).toBe(plain);
  expect(mayShorten(program("terraform", "1.11.4"), env)).toBe(!plain);
});

test("none is used any more with a program with which one failed", () => {
  const broken = program("terraform", "1.11.4", "/opt/broken");
  expect(mayShorten(broken, {})).toBe(true);
  giveUp(broken);
  expect(mayShorten(broken, {})).toBe(false);
  expect(mayShorten(program("terraform", "1.11.4"), {})).toBe(true);
});

test("Go's settings are the user's own, and ours only where shortcuts hold", () => {
  const tried = program("terraform", "1.11.4");
  expect(goSettings(tried, {})).toEqual({ GOGC: "off", GOMEMLIMIT: "128MiB", GOMAXPROCS: "1" });
  expect(goSettings(tried, { GOGC: "50" })).toMatchObject({ GOGC: "50", GOMAXPROCS: "1" });
  const none = { GOGC: undefined, GOMEMLIMIT: undefined, GOMAXPROCS: undefined };
  expect(goSettings(program("terraform", "1.13.0"), {})).toEqual(none);
  expect(goSettings(tried, { OPENCLAW_OPENROUTER_PLAIN: "1", GOGC: "50" })).toEqual({ ...none, GOGC: "50" });
});
