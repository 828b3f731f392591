import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckId } from "../../../lib/config/check-ids";
import { offerToAccept } from "../../../lib/operations/deploy/accept-warnings";
import type { CheckReport } from "../../../lib/report/check-report";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

function reportOf(...found: [CheckId, "pass" | "warn" | "fail"][]): CheckReport {
  return {
    version: 1,
    instance: "default",
    started: "2026-11-29T00:00:00.000Z",
    results: found.map(([id, status]) => ({ id, status, summary: `about ${id}`, why: "", durationMs: 0 })),
    outcome: "warn",
    costUsd: 0,
  };
}

function bed() {
  const home = join(scratchFolder(), "default");
  mkdirSync(home, { mode: 0o700 });
  const said: string[] = [];
  let accepted: readonly string[] = [];
  const offer = async (check: CheckReport, reasons: readonly string[]) => {
    const left = [...reasons];
    let asked = 0;
    accepted = await offerToAccept({
      deployment: describeInstance({}, { home }),
      check,
      askReason: async () => {
        asked++;
        return left.shift() ?? "";
      },
      say: (line) => said.push(line),
    });
    return asked;
  };
  const text = () => readFileSync(join(home, "openrouter.settings.json"), "utf8");
  return { offer, said, text, accepted: () => accepted };
}

test("a typed reason is written, and each warning is offered once", async () => {
  const { offer, text, accepted } = bed();
  const check = reportOf(["openclaw.user", "warn"], ["docker.exec", "warn"], ["budget.limit", "fail"]);
  expect(await offer(check, ["one person here", ""])).toBe(2);
  expect(accepted()).toEqual(["openclaw.user"]);
  expect(JSON.parse(text())).toEqual({
    check: { accepted: [{ id: "openclaw.user", reason: "one person here" }] },
  });
  expect(await offer(check, ["again"])).toBe(0);
  expect(await offer(reportOf(["budget.limit", "warn"]), [""])).toBe(1);
});

test("what a command ends, or what changes by itself, is not offered", async () => {
  const { offer, text } = bed();
  const check = reportOf(["vault.shares", "warn"], ["budget.spent", "warn"], ["chat.default", "warn"]);
  expect(await offer(check, ["x"])).toBe(0);
  expect(text).toThrow();
});
