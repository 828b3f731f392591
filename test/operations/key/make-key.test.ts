import type { KeyItem } from "../../../lib/openrouter/management";
import { describeLooseLimit, hardLimit, planKey, planLimitedKey } from "../../../lib/operations/key/make-key";
import { describeInstance } from "../../support/deployment";

const deployment = describeInstance();
const old: KeyItem = {
  hash: "h",
  name: "agent",
  label: "sk-or-v1-aaa...aaa",
  disabled: false,
  limit: 12,
  limitReset: "weekly",
  includeByokInLimit: true,
  spentThisMonth: 0,
};

test("a new key is like the old one", () => {
  expect(planKey(deployment, old)).toEqual({
    name: "agent",
    limit: 12,
    limitReset: "weekly",
    includeByokInLimit: true,
  });
});

test.each([
  ["has no limit", { ...old, limit: null }, "agent"],
  ["is not known", undefined, "openclaw-openrouter default"],
])("it gets the settings' hard limit where the old one %s", (_, item, name) => {
  expect(planKey(deployment, item)).toEqual({ name, limit: 34.5, limitReset: "monthly" });
});

test("for a budget it has the hard limit in any case", () => {
  expect(planLimitedKey(deployment, old)).toEqual({ name: "agent", limit: 34.5, limitReset: "monthly" });
});

test.each([
  [30, 1.15, 34.5],
  [10, 1.1, 11],
  [10, 1.23456, 12.34],
  [0.07, 1, 0.07],
])("%d EUR at %d are %d USD: whole cents, never more", (hardLimitEur, usdPerEur, limit) => {
  const { settings } = describeInstance({ budget: { alertEur: 0, hardLimitEur, usdPerEur } });
  expect(hardLimit(settings)).toEqual({ limit, limitReset: "monthly" });
});

test.each([
  [
    "none",
    { limit: null, limitReset: null },
    /^The new key has no limit of its own; .* is 34\.5 USD a month/,
  ],
  ["one above it", { limit: 50, limitReset: "monthly" }, /has a limit of 50 USD; /],
  [
    "one that each day begins again",
    { limit: 10, limitReset: "daily" },
    /a limit of 10 USD, reset daily, so up to 310 USD a month; /,
  ],
  ["one of the settings", { limit: 34.5, limitReset: "monthly" }, undefined],
  ["one for its lifetime", { limit: 34.5, limitReset: null }, undefined],
  ["a small one that each day begins again", { limit: 1, limitReset: "daily" }, undefined],
])("a rotation says whether the new key's own limit holds it to the settings': %s", (_, key, told) => {
  const said = describeLooseLimit(key, deployment.settings);
  if (told === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(told);
});
