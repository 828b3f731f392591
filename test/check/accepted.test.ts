import { accepted } from "../../lib/check/accepted";
import type { Finding } from "../../lib/check/check";
import { warningsOf } from "../../lib/check/warnings";
import { combine, fail, pass, type Verdict } from "../../lib/report/finding";

const now = new Date("2026-11-20T23:59:00Z");
const warning: Finding = {
  status: "warn",
  warning: "on-host",
  summary: "the shares lie here",
  details: ["five of them"],
  fix: "move them",
};
const entry = { id: "vault.shares", reason: "one person, one disk" } as const;

test("an accepted warning passes with the reason; what was found is a detail", () => {
  expect(accepted("vault.shares", warning, [entry], now)).toEqual({
    status: "pass",
    summary: "a warning is accepted: one person, one disk",
    details: ["the shares lie here", "five of them"],
    accepted: [{ warning: "on-host", reason: "one person, one disk" }],
  });
});

test("until counts to the end of its day; afterwards the warning says that it was accepted", () => {
  const list = (until: string) => [{ ...entry, until }];
  expect(accepted("vault.shares", warning, list("2026-11-20"), now)).toMatchObject({
    status: "pass",
    summary: "a warning is accepted until 2026-11-20: one person, one disk",
    accepted: [{ until: "2026-11-20" }],
  });
  const over = accepted("vault.shares", warning, list("2026-11-19"), now);
  expect(over).toMatchObject({
    status: "warn",
    summary: "the shares lie here (it was accepted until 2026-11-19: one person, one disk)",
    details: ["five of them"],
    fix: "move them",
  });
  expect(over).not.toHaveProperty("accepted");
});

test.each(["fail", "skip", "pass"] as const)("a finding that is a %s stays unchanged", (status) => {
  const finding: Finding = { ...warning, status };
  expect(accepted("vault.shares", finding, [entry], now)).toBe(finding);
});

test("another check's warning stays one", () => {
  expect(accepted("budget.spent", { ...warning, warning: "alert" }, [entry], now)).toMatchObject({
    status: "warn",
  });
});

describe("a line of several warnings", () => {
  const warn = warningsOf("models.known");
  const price = (model: string) => warn(`price:${model}`, `${model} is dear`, `a cheaper one than ${model}`);
  const line = (...verdicts: Verdict[]) => combine("all are listed", [pass("a/a is listed"), ...verdicts]);
  const judge = (finding: Finding, ...warnings: string[]) =>
    accepted(
      "models.known",
      finding,
      warnings.map((each) => ({ id: "models.known" as const, warning: each, reason: "meant" })),
      now,
    );

  test("warns of the next one, and no more of the accepted one", () => {
    expect(judge(line(price("b/b"), price("c/c")), "price:b/b")).toMatchObject({
      status: "warn",
      summary: "c/c is dear",
      fix: "a cheaper one than c/c",
      details: ["b/b is dear", "a/a is listed"],
      accepted: [{ warning: "price:b/b", reason: "meant" }],
    });
    expect(judge(line(price("c/c")), "price:b/b")).toMatchObject({ status: "warn", summary: "c/c is dear" });
  });

  test("passes if each is accepted, or all of its kind", () => {
    const both = line(price("b/b"), price("c/c"));
    const passed = { status: "pass", summary: "2 warnings are accepted: meant" };
    expect(judge(both, "price:b/b", "price:c/c")).toMatchObject(passed);
    expect(judge(both, "price:*")).toMatchObject(passed);
    expect(judge(both, "price:b/b", "price:c/c")).not.toHaveProperty("fix");
  });

  test("takes an entry that is not over before one that is", () => {
    const list = [
      { id: "models.known" as const, warning: "price:*", reason: "once", until: "2026-01-01" },
      { id: "models.known" as const, warning: "price:b/b", reason: "meant" },
    ];
    expect(accepted("models.known", line(price("b/b")), list, now)).toMatchObject({ status: "pass" });
  });

  test("fails on with what failed", () => {
    expect(judge(line(price("b/b"), fail("c/c is gone", "another")), "price:*")).toMatchObject({
      status: "fail",
      summary: "c/c is gone",
      fix: "another",
    });
  });

  test("an entry without a name accepts none of them", () => {
    const list = [{ id: "models.known" as const, reason: "all" }];
    expect(accepted("models.known", line(price("b/b")), list, now)).toMatchObject({ status: "warn" });
  });

  test("keeps what a summary has no room for as details, once", () => {
    const many = Array.from({ length: 12 }, (_, number) => price(`m/${number}`));
    const judged = judge(line(...many), "price:m/0", "price:m/11");
    expect(judged.summary).toMatch(/^m\/1 is dear; .*m\/8 is dear; and 2 more$/);
    expect(judged.details).toEqual([
      "m/0 is dear",
      "m/11 is dear",
      "a/a is listed",
      "m/9 is dear",
      "m/10 is dear",
    ]);
  });
});
