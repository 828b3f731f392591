import { judge } from "../../../lib/operations/alerts/judge";
import { type CheckSeen, observeCheck } from "../../../lib/operations/alerts/observe-check";
import type { HistoryEntry } from "../../../lib/store/history";
import { noAlerts } from "../../../lib/store/records/alert-state";

const at = "2026-11-20T12:00:00.000Z";
const budget = { alertEur: 10, hardLimitEur: 30, usdPerEur: 2, rateDate: "2026-11-01", priceCeiling: 10 };
type Result = CheckSeen["results"][number];
const observe = (
  results: readonly Result[],
  measured: CheckSeen["measured"] = {},
  history: readonly HistoryEntry[] = [],
) => observeCheck({ started: at, results, measured }, { budget }, history);
const failed = (id: Result["id"], cause?: string): Result => ({
  id,
  status: "fail",
  summary: "it failed",
  fix: "do this",
  ...(cause ? { cause } : {}),
});

test.each<[Result["id"], string | undefined, string, boolean | undefined]>([
  ["vault.reachable", undefined, "vault.unreachable", undefined],
  ["vault.unsealed", undefined, "vault.sealed", undefined],
  ["key.valid", "key-invalid", "key.refused", true],
  ["key.valid", "forbidden", "key.refused", true],
  ["key.valid", "unexpected", "check.failed:key.valid", true],
  ["models.known", undefined, "model.gone", true],
  ["models.known", "rate-limited", "check.failed:models.known", true],
  ["chat.default", "server", "check.failed:chat.default", true],
  ["openclaw.config", undefined, "check.failed:openclaw.config", true],
])("a failed %s (%s) is %s", (id, cause, event, twice) => {
  const { conditions, determined } = observe([failed(id, cause)], undefined);
  expect(conditions).toEqual([expect.objectContaining({ id: event, summary: "it failed", fix: "do this" })]);
  expect(conditions[0]?.twice).toBe(twice);
  expect(determined).not.toContain(event);
});

test("a catalogue that OpenRouter does not give is not told as a model that is gone, and ends when it is read", () => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: [] };
  const unread = observe([failed("models.known", "rate-limited")], undefined);
  const read = observe([{ id: "models.known", status: "pass", summary: "" }], { modelsLeave: {} });
  let state = noAlerts;
  const open = [unread, read, unread, unread, read].map((each) => {
    state = judge(state, each, origin);
    return Object.keys(state.open);
  });
  expect(open).toEqual([[], [], [], ["check.failed:models.known"], []]);
});

test.each<[Result["id"], string | undefined, string]>([
  ["key.valid", "key-invalid", "key.refused"],
  ["models.known", undefined, "model.gone"],
])("one failed %s (%s), as in a short outage of OpenRouter, is not told: two are %s", (id, cause, event) => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: [] };
  const bad = observe([failed(id, cause)], undefined);
  const good = observeCheck(
    { started: at, results: [{ id, status: "pass", summary: "" }], keyLabel: "sk-or-v1-abc...xyz" },
    { budget },
    [],
  );
  let state = noAlerts;
  const open = [bad, good, bad, bad, good].map((each) => {
    state = judge(state, each, origin);
    return Object.keys(state.open);
  });
  expect(open).toEqual([[], [], [], [event], []]);
});

test("a model that is gone is told while Vault is sealed as well: the catalogue is public", () => {
  const { conditions } = observe([failed("vault.unsealed"), failed("models.known")], undefined);
  expect(conditions.map(({ id }) => id)).toEqual(["vault.sealed", "model.gone"]);
});

test("a disabled key is one, whatever the check says", () => {
  expect(observe([failed("key.valid")], { keyDisabled: true }).conditions.map(({ id }) => id)).toEqual([
    "key.disabled",
  ]);
});

test("only an answer about the key resolves its states, not the public catalogue", () => {
  const ofKey = (seen: Partial<CheckSeen>) =>
    observeCheck({ started: at, results: [], ...seen }, { budget }, []).determined.filter((id) =>
      id.startsWith("key."),
    );
  expect(ofKey({ measured: { modelsLeave: {} } })).toEqual([]);
  expect(ofKey({ measured: {}, keyLabel: "sk-or-v1-abc...xyz" })).toEqual([
    "key.disabled",
    "key.refused",
    "key.expiring",
  ]);
});

const outages = ["dns", "refused", "timeout", "network", "proxy", "address", "server"];

test.each(outages)(
  "a call that failed by %s says that OpenRouter is not reached, and nothing else",
  (cause) => {
    const { conditions, determined } = observeCheck(
      { started: at, results: [failed("key.valid", cause), failed("models.known", cause)] },
      { budget },
      [],
    );
    expect(conditions).toEqual([
      expect.objectContaining({ id: "openrouter.unreachable", severity: "critical", after: 3_600_000 }),
    ]);
    expect(determined).toEqual(["check.failed:check"]);
  },
);

test.each<[string, Result[], boolean]>([
  ["an answer", [{ id: "key.valid", status: "pass", summary: "" }], true],
  ["a refusal", [failed("key.valid", "key-invalid")], true],
  ["the catalogue alone", [{ id: "models.known", status: "warn", summary: "" }], true],
  [
    "one of two calls",
    [{ id: "key.valid", status: "pass", summary: "" }, failed("models.known", "dns")],
    false,
  ],
  ["none", [{ id: "key.valid", status: "skip", summary: "" }], false],
])("OpenRouter is reached by %s", (_, results, isReached) => {
  expect(observe(results, undefined).determined.includes("openrouter.unreachable")).toBe(isReached);
});

test("an outage is told after an hour, and its end; a short one never", () => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: ["mail"] };
  const out = observe([failed("key.valid", "dns")], undefined);
  const reached = observe([{ id: "key.valid", status: "pass", summary: "" }], undefined);
  const sealed = observe([failed("vault.unsealed")], undefined);
  let state = noAlerts;
  const told = (
    [
      [0, out],
      [45, out],
      [60, reached],
      [75, out],
      [90, sealed],
      [120, out],
      [135, out],
      [150, out],
      [165, reached],
    ] as const
  ).flatMap(([minutes, seen]) => {
    const before = state.spool.length;
    const time = new Date(Date.parse(at) + minutes * 60_000).toISOString();
    state = judge(state, { ...seen, at: time }, origin);
    return state.spool
      .slice(before)
      .map(({ message }) => `${minutes} ${message.phase} ${message.event}`)
      .filter((each) => each.includes("openrouter"));
  });
  expect(told).toEqual(["135 raised openrouter.unreachable", "165 resolved openrouter.unreachable"]);
});

test.each(outages)(
  "a chat that failed by %s is the model's: OpenRouter answered for the key before it",
  (cause) => {
    const { conditions } = observe(
      [{ id: "key.valid", status: "pass", summary: "" }, failed("chat.default", cause)],
      undefined,
    );
    expect(conditions).toEqual([expect.objectContaining({ id: "check.failed:chat.default", twice: true })]);
  },
);

test("an external Vault's certificate that ends is reported, by its server, until the check finds none", () => {
  const warnings = [
    { warning: "version:1.22.0", summary: "another version" },
    { warning: "served-certificate:https://one", summary: "it ends in 3 days" },
  ];
  const result = { id: "vault.reachable", status: "warn", summary: "" } as const;
  const { conditions, determined } = observe([{ ...result, warnings }], undefined);
  expect(conditions).toEqual([
    { id: "certificate.ending:https://one", severity: "critical", summary: "it ends in 3 days" },
  ]);
  expect(determined).toContain("certificate.ending:*");
  expect(observe([failed("vault.reachable")], undefined).determined).not.toContain("certificate.ending:*");
});

test.each(["credits-insufficient", "answer-too-dear"])(
  "an account without credit (%s) is reported at once, until a chat is answered",
  (cause) => {
    const answered = { id: "chat.experimentation", status: "pass", summary: "" } as const;
    const empty = observe([failed("chat.default", cause), answered], undefined);
    expect(empty.conditions).toEqual([expect.objectContaining({ id: "credit.empty", severity: "critical" })]);
    expect(empty.conditions[0]).not.toHaveProperty("twice");
    expect(empty.determined).not.toContain("credit.empty");
    const isOver = (...results: Result[]) => observe(results, undefined).determined.includes("credit.empty");
    expect(isOver({ id: "key.valid", status: "pass", summary: "" })).toBe(false);
    expect(isOver(failed("chat.default", "timeout"))).toBe(false);
    expect(isOver({ ...answered, status: "warn", cause })).toBe(false);
    expect(isOver(answered)).toBe(true);
  },
);

const chat = (name: string, more: Partial<Result>): Result => ({
  ...{ id: `chat.${name}` as Result["id"], status: "pass", summary: "" },
  ...more,
});
const accepted = [{ warning: "same-model", reason: "one model" }];
test.each<[string, Result[], boolean]>([
  ["a fallback that is the default model", [chat("fallback", { status: "warn" })], false],
  ["one that is accepted", [chat("fallback", { accepted })], false],
  ["a model that was too dear to ask", [chat("experimentation", { status: "warn" })], false],
  ["an answer of a free model", [chat("fallback", { costUsd: 0 })], false],
  ["an answer that cost something", [chat("fallback", { costUsd: 1e-6 })], true],
  [
    "an answer that cost something, and ended oddly",
    [chat("fallback", { status: "warn", costUsd: 1e-6 })],
    true,
  ],
])("while the default model times out, %s proves credit: %#", (_, others, isOver) => {
  const { determined } = observe([failed("chat.default", "timeout"), ...others], undefined);
  expect(determined.includes("credit.empty")).toBe(isOver);
});

test("free models that all answer prove that no credit is needed", () => {
  const free = ["default", "fallback"].map((name) => chat(name, { costUsd: 0 }));
  expect(observe(free, undefined).determined).toContain("credit.empty");
});

test.each(["vault.reachable", "vault.unsealed"] as const)(
  "what fails while %s fails is not told beside it",
  (id) => {
    const { conditions, determined } = observe([failed(id), failed("openclaw.config")], undefined);
    expect(conditions).toHaveLength(1);
    expect(determined).not.toContain("check.failed:openclaw.config");
  },
);

test.each(["pass", "warn"] as const)("what is %s determines its state", (status) => {
  const { conditions, determined } = observe([{ id: "vault.unsealed", status, summary: "" }], undefined);
  expect(conditions).toEqual([]);
  expect(determined).toContain("vault.sealed");
});

test("what was skipped determines nothing but that the check ran", () => {
  const seen = { started: at, results: [{ id: "vault.unsealed", status: "skip", summary: "" } as const] };
  expect(observeCheck(seen, { budget }, [])).toEqual({
    at,
    conditions: [],
    determined: ["check.failed:check"],
  });
});

test.each([
  ["keyExpires", "2026-12-04T12:00:00.000Z", "key.expiring"],
  ["keyRotateBy", "2026-12-04T12:00:00.000Z", "key.rotation-due"],
])("%s at the fourteenth day is reported, a moment later is not", (field, date, id) => {
  const ids = (value: string) => observe([], { [field]: value }).conditions.map((each) => each.id);
  expect(ids(date)).toEqual([id]);
  expect(ids(new Date(Date.parse(date) + 1).toISOString())).toEqual([]);
  expect(observe([], { [field]: date }).conditions[0]?.fix).toBe("openclaw-openrouter key rotate");
});

test("each model that leaves is a state of its own, which a new date resolves", () => {
  const { conditions, determined } = observe([], {
    modelsLeave: { "a/b": "2026-12-01", "c/d": "2027-12-01" },
  });
  expect(conditions.map(({ id }) => id)).toEqual(["model.leaving:a/b"]);
  expect(determined).toContain("model.leaving:*");
});

test("a model that has left is not told as one that leaves no more, until another one is chosen", () => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: ["mail"] };
  const passed = { id: "models.known", status: "pass", summary: "" } as const;
  let state = noAlerts;
  for (const observation of [
    observe([passed], { modelsLeave: { "a/b": "2026-11-21" } }),
    observe([failed("models.known")], { modelsLeave: {} }),
    observe([failed("models.known")], { modelsLeave: {} }),
    observe([passed], { modelsLeave: {} }),
  ])
    state = judge(state, observation, origin);
  expect(state.spool.map(({ message: { phase, event } }) => `${phase} ${event}`)).toEqual([
    "raised model.leaving:a/b",
    "raised model.gone",
    "resolved model.leaving:a/b",
    "resolved model.gone",
  ]);
});

const spent = (usd: number): HistoryEntry => ({
  kind: "check",
  at,
  outcome: "pass",
  problems: [],
  chats: false,
  spentMonthUsd: usd,
  spentTodayUsd: 0,
});
const sums = (usd: number, own: CheckSeen["measured"] = {}) =>
  observe([], { spentMonthUsd: usd, ...own }, [spent(usd)]).conditions.map(
    ({ id, period }) => `${id} ${period}`,
  );

test.each([
  [19.99, []],
  [20, ["spending.alert 2026-11"]],
  [47.99, ["spending.alert 2026-11"]],
  [48, ["spending.alert 2026-11", "spending.limit-80 2026-11"]],
  [60, ["spending.alert 2026-11", "spending.limit-80 2026-11", "spending.limit-100 2026-11"]],
])("%d USD at 2 USD for a EUR", (usd, expected) => {
  expect(sums(usd)).toEqual(expected);
});

test("a month that begins is not told of what the one before spent, and is told of its own", () => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: [] };
  const history: HistoryEntry[] = [];
  let state = noAlerts;
  const told = (
    [
      ["12-01T00:00:02.000Z", 25, 0.5, 1],
      ["12-01T00:15:02.000Z", 0.1, 0.1, 25.9],
      ["12-09T00:15:02.000Z", 21, 0.1, 5],
    ] as const
  ).map(([when, spentMonthUsd, spentTodayUsd, limitRemainingUsd]) => {
    const started = `2026-${when}`;
    const measured = { spentMonthUsd, spentTodayUsd, limitUsd: 26, limitRemainingUsd };
    history.push({ ...spent(spentMonthUsd), at: started, spentTodayUsd } as HistoryEntry);
    const before = state.spool.length;
    state = judge(state, observeCheck({ started, results: [], measured }, { budget }, history), origin);
    return state.spool.slice(before).map(({ message }) => message.event);
  });
  expect(told).toEqual([[], [], ["spending.alert", "spending.limit-80"]]);
});

test("the key's own limit counts as well, if it is lower", () => {
  expect(sums(5, { limitUsd: 6, limitRemainingUsd: 1 })).toEqual(["spending.limit-80 2026-11"]);
  expect(sums(6, { limitUsd: 6, limitRemainingUsd: 0 })).toEqual([
    "spending.limit-80 2026-11",
    "spending.limit-100 2026-11",
  ]);
  expect(sums(6, { limitUsd: 0, limitRemainingUsd: 0 })).toEqual([]);
  expect(sums(5, { limitUsd: 6 })).toEqual([]);
});

test("what was spent is an event of its own: the check of it is none", () => {
  expect(observe([failed("budget.spent")]).conditions).toEqual([]);
});

test("a quoted text has one line, no control character, and an end", () => {
  const summary = `a\n\u001b[31mb\u202e ${"c".repeat(500)}`;
  const [condition] = observe([{ ...failed("openclaw.config"), summary }], undefined).conditions;
  expect(condition?.summary).toMatch(/^a \[31mb c+…$/);
  expect(condition?.summary.length).toBe(400);
});
