import { recordCheck } from "../../../lib/check";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { areChatsDue } from "../../../lib/operations/alerts/scheduled";
import type { CheckReport } from "../../../lib/report/check-report";
import { addToHistory } from "../../../lib/store/history";
import { scratchFolder } from "../../support/folder";

const hour = 3_600_000;
const now = new Date("2026-11-20T12:00:00.000Z");
const at = (hours: number) => new Date(now.getTime() + hours * hour).toISOString();

let home: HomePaths;
beforeEach(() => {
  home = homePaths(scratchFolder());
});

/** A scheduled check that tried the chats, and how one of them ended. */
function tried(when: string, status: "pass" | "warn" | "fail"): void {
  const problems = status === "pass" ? [] : ["chat.fallback"];
  addToHistory(home, { kind: "check", at: when, outcome: status, problems, chats: true });
  const results = [{ id: "chat.fallback", status, summary: "" }];
  recordCheck(home, { started: when, outcome: status, results } as unknown as CheckReport);
}

test.each([
  ["pass", 23, false],
  ["pass", 24, true],
  ["fail", 0.5, false],
  ["fail", 1, true],
  ["warn", 1, false],
  ["warn", 24, true],
] as const)("after a chat with the status %s, %d hours ago: %s", (status, hours, isDue) => {
  tried(at(-hours), status);
  expect(areChatsDue(home, now)).toBe(isDue);
});

test("a chat of a time to come, by a clock that was ahead, is none", () => {
  tried(at(24 * 365), "pass");
  expect(areChatsDue(home, now)).toBe(true);
});
