import { accepted } from "../../lib/check/accepted";
import type { Finding } from "../../lib/check/check";

const now = new Date("2026-11-20T23:59:00Z");
const warning: Finding = {
  status: "warn",
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
    accepted: { reason: "one person, one disk" },
  });
});

test("until counts to the end of its day; afterwards the warning says that it was accepted", () => {
  const list = (until: string) => [{ ...entry, until }];
  expect(accepted("vault.shares", warning, list("2026-11-20"), now)).toMatchObject({
    status: "pass",
    summary: "a warning is accepted until 2026-11-20: one person, one disk",
    accepted: { until: "2026-11-20" },
  });
  expect(accepted("vault.shares", warning, list("2026-11-19"), now)).toEqual({
    ...warning,
    summary: "the shares lie here (it was accepted until 2026-11-19: one person, one disk)",
  });
});

test.each(["fail", "skip", "pass"] as const)("a finding that is a %s stays unchanged", (status) => {
  const finding: Finding = { ...warning, status };
  expect(accepted("vault.shares", finding, [entry], now)).toBe(finding);
});

test("another check's warning stays one", () => {
  expect(accepted("budget.spent", warning, [entry], now)).toBe(warning);
});
