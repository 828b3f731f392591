import { budgetLimit } from "../../lib/check/checks/budget-limit";
import { budgetSpent } from "../../lib/check/checks/budget-spent";
import { keyValid } from "../../lib/check/checks/key-valid";
import type { CheckContext } from "../../lib/check/context";
import { monthOf } from "../../lib/core/time";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { usd } from "../../lib/openrouter/money";
import { keyAnswer } from "../../lib/openrouter/schemas";
import { writeBudget } from "../../lib/store/records/budget-record";
import { canary, homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

/** 10 EUR are 11 USD, 30 EUR are 33 USD. */
const budget = { alertEur: 10, hardLimitEur: 30, usdPerEur: 1.1, rateDate: "2026-11-01", priceCeiling: 20 };
const plain = {
  label: "sk-or-v1-abc...123",
  limit: 33,
  limit_remaining: 33,
  limit_reset: "monthly",
  usage: 400,
  usage_daily: 0,
  usage_monthly: 0,
};

const folder = scratchFolder();

function context(data: object, now = "2026-11-16T00:00:00Z", since = "2026-10-01T00:00:00Z"): CheckContext {
  return {
    parameters: {
      budget,
      baseUrl: "https://eu.openrouter.ai/api/v1",
      model: "x/paid",
      otherModels: { fallback: "x/mini:free" },
    },
    home: homeOf(folder),
    secret: async () => ({ key: canary }),
    keySince: async () => new Date(since),
    keyInfo: async () => keyAnswer.parse({ data: { ...plain, ...data } }),
    now: () => new Date(now),
  } as unknown as CheckContext;
}

describe("budget.limit", () => {
  test.each([
    ["no limit", { limit: null, limit_remaining: null }, "fail", /no limit of its own/],
    ["the hard limit itself", { limit: 33 }, "pass", /33\.00 USD \(30\.00 EUR\), reset monthly/],
    ["a cent above it", { limit: 33.01 }, "fail", /above the hard limit of 33\.00 USD/],
    ["below it", { limit: 1 }, "pass", /1\.00 USD/],
    ["zero, which is not unlimited", { limit: 0 }, "pass", /0\.00 USD/],
    ["a lifetime cap", { limit: 20, limit_reset: null }, "warn", /lifetime/],
    ["a lifetime cap above the month's hard limit", { limit: 34, limit_reset: null }, "fail", /above/],
    ["a reset that is not said", { limit: 20, limit_reset: undefined }, "warn", /does not report/],
    ["a day's limit that a month could bear", { limit: 1, limit_reset: "daily" }, "warn", /set per month/],
    ["a day's limit that it could not", { limit: 1.1, limit_reset: "daily" }, "fail", /34\.10 USD/],
    ["a week's limit that it could not", { limit: 6, limit_reset: "weekly" }, "fail", /36\.00 USD/],
  ])("%s", async (_, data, status, summary) => {
    const finding = await budgetLimit.run(context(data));
    expect(finding).toMatchObject({ status, summary: expect.stringMatching(summary) });
    if (status !== "pass") expect(finding.fix).toMatch(/33\.00 USD or less, reset monthly/);
  });
});

describe("budget.limit: a budget that others set", () => {
  const other = (remaining_usd: number, more: object = {}) => ({
    effective_budget: { scope: "member", limit_usd: 50, remaining_usd, resets_at: null, ...more },
  });
  const workspaces = { scope: "workspace", resets_at: "2026-12-01T01:00:00+01:00" };
  test.each([
    [
      "is spent",
      other(0, workspaces),
      "fail",
      /workspace's budget of 50\.00 USD is spent.* 2026-12-01 00:00 UTC/,
    ],
    [
      "is overdrawn, for good",
      other(-1),
      "fail",
      /guardrail's budget .* is spent: OpenRouter refuses every call$/,
    ],
    ["is nearly spent", other(4), "warn", /only 4\.00 USD remains/],
    ["is far from it", other(40), "pass", /reset monthly/],
    [
      "is the key's own limit, told as what was spent",
      other(0, { scope: "key_limit" }),
      "pass",
      /reset monthly/,
    ],
    ["cannot be read", { effective_budget: { remaining_usd: "none" } }, "pass", /reset monthly/],
    ["is none", { effective_budget: null }, "pass", /reset monthly/],
    [
      "is spent, of a key without a limit",
      { ...other(0), limit: null },
      "fail",
      /no limit of its own.*is spent/,
    ],
  ])("%s", async (_, data, status, summary) => {
    expect(await budgetLimit.run(context(data))).toMatchObject({
      status,
      summary: expect.stringMatching(summary),
    });
  });
});

test("budget.limit: the limit that a fix names passes, at a rate that gives no whole cents", async () => {
  const parameters = { budget: { ...budget, usdPerEur: 1.1689 } };
  const at = (limit: number | null) => budgetLimit.run({ ...context({ limit }), parameters } as CheckContext);
  const { fix } = await at(null);
  const named = /a limit of (\S+) USD or less/.exec(fix ?? "")?.[1];
  expect(named).toBe("35.06");
  expect(await at(Number(named))).toMatchObject({ status: "pass" });
  expect(await at(35.07)).toMatchObject({ status: "fail", summary: expect.stringContaining("of 35.06 USD") });
});

test("budget.limit: another limit than the one that was set by `budget` warns", async () => {
  writeBudget(homeOf(folder), {
    fingerprint: keyFingerprint(canary),
    limitUsd: 33,
    limitReset: "monthly",
    at: "2026-11-10T08:00:00.000Z",
  });
  const changed = await budgetLimit.run(context({ limit: 32 }));
  expect(changed).toMatchObject({ status: "warn", summary: expect.stringContaining("set on 2026-11-10") });
  expect((await budgetLimit.run(context({ limit: 33 }))).status).toBe("pass");
});

describe("what own provider keys (BYOK) spend", () => {
  const byok = { byok_usage: 60, byok_usage_daily: 60, byok_usage_monthly: 60 };

  test("is spent, and told", async () => {
    expect(await budgetSpent.run(context(byok))).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(
        /^60\.00 USD \(54\.55 EUR .*\) this month, all of it by own provider keys/,
      ),
    });
    expect(await budgetSpent.run(context({ byok_usage_monthly: 2, usage_monthly: 3 }))).toMatchObject({
      status: "pass",
      summary: expect.stringMatching(/^5\.00 USD .* this month, 2\.00 USD of it by own provider keys/),
    });
  });

  test("counts as today's spending, and in the projection", async () => {
    const month = { byok_usage_monthly: 7, byok_usage_daily: 6.5, usage_daily: 0 };
    expect((await budgetSpent.run(context(month))).summary).toMatch(/6\.50 USD .* today, more than 3 times/);
    const early = { byok_usage_monthly: 9, usage_monthly: 0, usage_daily: 0 };
    expect((await budgetSpent.run(context(early, "2026-11-05T00:00:00Z"))).summary).toMatch(/67\.50 USD/);
  });

  test("is told too if OpenRouter does not report its own", async () => {
    const finding = await budgetSpent.run(context({ ...byok, usage_monthly: undefined }));
    expect(finding).toMatchObject({ status: "warn", summary: expect.stringContaining("60.00 USD") });
  });

  test.each([
    [
      "a limit that leaves it out does not bind it",
      { ...byok },
      "warn",
      /does not bind .* \(BYOK\) spend: 60\.00/,
    ],
    ["a limit that includes it does", { ...byok, include_byok_in_limit: true }, "pass", /reset monthly/],
    ["nothing of it is nothing to bind", { byok_usage: 0 }, "pass", /reset monthly/],
  ])("%s", async (_, data, status, summary) => {
    expect(await budgetLimit.run(context(data))).toMatchObject({
      status,
      summary: expect.stringMatching(summary),
    });
  });
});

describe("budget.spent", () => {
  test.each([
    ["nothing", { usage_monthly: 0 }, "pass", /0\.00 USD \(0\.00 EUR at 1\.1 of 2026-11-01\) this month/],
    ["a cent below the alert", { usage_monthly: 10.99 }, "pass", /10\.99 USD/],
    ["the alert", { usage_monthly: 11 }, "warn", /alert at 10 EUR is reached/],
    ["a cent below the hard limit", { usage_monthly: 32.99 }, "warn", /alert at 10 EUR/],
    ["the hard limit", { usage_monthly: 33 }, "fail", /hard limit of 30 EUR is reached/],
    [
      "no monthly counter, a lifetime above all limits",
      { usage_monthly: undefined },
      "warn",
      /does not report/,
    ],
    ["a tenth left", { limit_remaining: 3.3 }, "pass", /this month/],
    ["less than a tenth left", { limit_remaining: 3.29 }, "warn", /only 3\.29 USD/],
    ["nothing left", { limit_remaining: 0 }, "fail", /nothing remains/],
    ["overdrawn", { limit_remaining: -0.2 }, "fail", /nothing remains/],
    ["unlimited, which is not nothing left", { limit: null, limit_remaining: null }, "pass", /this month/],
  ])("%s", async (_, data, status, summary) => {
    expect(await budgetSpent.run(context(data))).toMatchObject({
      status,
      summary: expect.stringMatching(summary),
    });
  });

  test("a missing counter is never replaced by the lifetime's", async () => {
    const finding = await budgetSpent.run(context({ usage: 4321, usage_monthly: undefined }));
    expect(JSON.stringify(finding)).not.toContain("4321");
  });

  test.each([
    // 5 USD in 2 of 30 days come to 75 USD.
    ["2026-11-03T00:00:00Z", 5, "warn", /75\.00 USD \(68\.18 EUR\) by the month's end/],
    ["2026-11-16T00:00:00Z", 5, "pass", /this month/],
    // Exactly the hard limit: 33 of 33.
    ["2026-11-11T00:00:00Z", 10.9999, "pass", /this month/],
    // The month's last second: nothing is added.
    ["2026-11-30T23:59:59Z", 10.9, "pass", /this month/],
    // The first day, up to its last second: too early to tell.
    ["2026-11-01T23:59:59Z", 10.9, "pass", /this month/],
    ["2026-11-02T00:00:00Z", 1.11, "warn", /33\.30 USD/],
    // February of a leap year has 29 days: 28 days gone, 10.9 come to 11.29.
    ["2028-02-29T00:00:00Z", 10.9, "pass", /this month/],
    // Of another year 28: 1.2 in the first day come to 33.6, in a leap year to 34.8.
    ["2027-02-02T00:00:00Z", 1.2, "warn", /33\.60 USD/],
    ["2028-02-02T00:00:00Z", 1.2, "warn", /34\.80 USD/],
  ])("on %s, %d USD: %s", async (now, amount, status, summary) => {
    // On the first day a month has cost what the day has.
    const usage = { usage_monthly: amount, ...(now.includes("-01T") ? { usage_daily: amount } : {}) };
    const finding = await budgetSpent.run(context(usage, now));
    expect(finding).toMatchObject({ status, summary: expect.stringMatching(summary) });
  });

  test("the month before, which OpenRouter can report at a month's very beginning, is not this one", async () => {
    const now = "2026-12-01T00:00:05Z";
    const last = { usage_monthly: 40, usage_daily: 0.5 };
    expect(await budgetSpent.run(context(last, now))).toMatchObject({
      status: "pass",
      summary: expect.stringContaining("the month before"),
    });
    // What OpenRouter enforces holds all the same, and so does this month's own cost.
    expect((await budgetSpent.run(context({ ...last, limit_remaining: 0 }, now))).status).toBe("fail");
    expect((await budgetSpent.run(context({ ...last, usage_daily: 40 }, now))).status).toBe("fail");
  });

  test.each([
    [
      "four times the mean",
      { usage_monthly: 7, usage_daily: 1.6 },
      "warn",
      /1\.60 USD .* today, more than 3 times/,
    ],
    ["three times the mean", { usage_monthly: 6, usage_daily: 1 }, "pass", /this month/],
    ["all of it, and little", { usage_monthly: 0.2, usage_daily: 0.2 }, "pass", /this month/],
    ["all of it, and much", { usage_monthly: 4, usage_daily: 4 }, "warn", /mean of 0\.00 USD/],
    ["not said", { usage_monthly: 7, usage_daily: undefined }, "pass", /this month/],
  ])("today's spending is %s", async (_, data, status, summary) => {
    expect(await budgetSpent.run(context(data))).toMatchObject({
      status,
      summary: expect.stringMatching(summary),
    });
  });
});

test.each([
  ["new", { usage: 4 }, "2026-11-15T12:00:00Z", "pass", /this month/],
  [
    "of three days, which cost the same",
    { usage: 4, usage_daily: 1 },
    "2026-11-13T00:00:00Z",
    "pass",
    /this month/,
  ],
  [
    "of three days, which cost less",
    { usage: 4, usage_daily: 3.5 },
    "2026-11-13T00:00:00Z",
    "warn",
    /mean of 0\.17/,
  ],
  ["new here, and older", { usage: 5 }, "2026-11-15T12:00:00Z", "warn", /mean of 0\.00/],
  ["older than the month", { usage: 4 }, "2026-10-01T00:00:00Z", "warn", /mean of 0\.00/],
])(
  "budget.spent: today is compared with the days of a key that is %s",
  async (_, data, since, status, summary) => {
    const spent = { usage_monthly: 4, usage_daily: 4, ...data };
    expect(await budgetSpent.run(context(spent, "2026-11-16T20:00:00Z", since))).toMatchObject({
      status,
      summary: expect.stringMatching(summary),
    });
  },
);

describe("key.valid", () => {
  test.each([
    ["plain", {}, "pass", /accepts the key sk-or-v1-abc\.\.\.123/],
    ["a management key", { is_management_key: true }, "fail", /management key/],
    ["a provisioning key", { is_provisioning_key: true }, "fail", /management key/],
    ["disabled", { disabled: true }, "fail", /disabled/],
    ["free tier", { is_free_tier: true }, "warn", /free tier/],
    [
      "no free call left today",
      { free_model_daily_requests: { used: 50, limit: 50, remaining: 0 } },
      "warn",
      /the 50 calls a day of free models are used up, so x\/mini:free does not answer/,
    ],
    [
      "a free call left",
      { free_model_daily_requests: { used: 49, limit: 50, remaining: 1 } },
      "pass",
      /accepts/,
    ],
    ["expired", { expires_at: "2026-11-16T00:00:00Z" }, "fail", /expired on 2026-11-16/],
    ["expires today", { expires_at: "2026-11-16T10:00:00Z" }, "warn", /within a day/],
    ["expires in 14 days", { expires_at: "2026-11-30T00:00:00Z" }, "warn", /in 14 days/],
    ["expires later", { expires_at: "2026-11-30T00:00:01Z" }, "pass", /accepts/],
    ["never expires", { expires_at: null }, "pass", /accepts/],
  ])("%s", async (_, data, status, summary) => {
    expect(await keyValid.run(context(data))).toMatchObject({
      status,
      summary: expect.stringMatching(summary),
    });
  });
});

describe("key.valid: the data regions of the key", () => {
  const run = (regions: unknown, baseUrl = "https://eu.openrouter.ai/api/v1") => {
    const { parameters, ...rest } = context({ allowed_data_regions: regions });
    return keyValid.run({ ...rest, parameters: { ...parameters, baseUrl } } as CheckContext);
  };
  test.each([
    ["have the address's", ["global", "europe"], undefined],
    ["are not reported", undefined, undefined],
    ["cannot be read", "all", undefined],
    ["are unknown behind another address", ["europe"], "https://proxy.example/api/v1"],
  ])("%s: passes", async (_, regions, baseUrl) => {
    expect((await run(regions, baseUrl)).status).toBe("pass");
  });
  test.each([
    [
      ["global"],
      undefined,
      /may not chat at eu\.openrouter\.ai/,
      /to https:\/\/openrouter\.ai\/api\/v1, then/,
    ],
    [["europe"], "https://openrouter.ai/api/v1", /are europe, and global/, /to https:\/\/eu\.openrouter/],
    [[], undefined, /are none/, /^Permit/],
    [["mars"], undefined, /are mars/, /^Permit/],
  ])("%j: fails", async (regions, baseUrl, summary, fix) => {
    expect(await run(regions, baseUrl)).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(summary),
      fix: expect.stringMatching(fix),
    });
  });
});

test.each([
  ["2026-12-31T23:59:59.999Z", 31, 30],
  ["2027-01-01T00:00:00.000Z", 31, 0],
  ["2028-02-29T12:00:00.000Z", 29, 28],
  ["2027-02-28T12:00:00.000Z", 28, 27],
])("%s is in a month of %d days, of which %d are gone", (time, days, gone) => {
  expect(monthOf(new Date(time))).toMatchObject({ days, wholeDaysGone: gone });
});

test.each([
  [0, "0.00 USD"],
  [4.2, "4.20 USD"],
  [0.005, "0.01 USD"],
  [0.000048, "0.000048 USD"],
  [0.0000058, "0.0000058 USD"],
  [0.000_000_06, "0.0000001 USD"],
  [0.000_000_04, "0.00 USD"],
])("%d is %s", (amount, text) => {
  expect(usd(amount)).toBe(text);
});
