import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { homePaths } from "../../lib/model/home-paths";
import {
  addToHistory,
  type HistoryEntry,
  lastAlerts,
  lastDrift,
  problemsSince,
  readHistory,
} from "../../lib/store/history";

const folder = mkdtempSync(join(tmpdir(), "history-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const freshHome = () => homePaths(mkdtempSync(join(folder, `home-${++count}-`)));
const run = (at: string): HistoryEntry => ({
  ...{ kind: "drift", at, outcome: "clean" },
  problems: [],
  isWhole: true,
});

test("entries are read back in order, since a time, over months", () => {
  const home = freshHome();
  const times = ["2026-10-31T23:59:00.000Z", "2026-11-01T00:01:00.000Z", "2026-11-02T00:00:00.000Z"];
  for (const at of times) addToHistory(home, run(at));
  expect(readHistory(home, "2026-10-01").map(({ at }) => at)).toEqual(times);
  expect(readHistory(home, times[1]!).map(({ at }) => at)).toEqual(times.slice(1));
  expect(statSync(join(home.history, "2026-11.jsonl")).mode & 0o777).toBe(0o600);
});

test("a torn line is not read, and harms neither the one before nor the one after", () => {
  const home = freshHome();
  addToHistory(home, run("2026-11-01T00:00:00.000Z"));
  appendFileSync(join(home.history, "2026-11.jsonl"), '\n{"kind":"drift","at":"2026-11');
  addToHistory(home, run("2026-11-02T00:00:00.000Z"));
  expect(readHistory(home, "2026-11").map(({ at }) => at.slice(8, 10))).toEqual(["01", "02"]);
});

test("the last alerts are the newest of three months, whatever stands between them", () => {
  const home = freshHome();
  const alert = (at: string): HistoryEntry => ({
    ...{ kind: "alert", at },
    event: "e",
    phase: "p",
    summary: "s",
  });
  const times = ["2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01", "2026-11-02"];
  for (const time of times.map((date) => `${date}T00:00:00.000Z`)) {
    addToHistory(home, alert(time));
    addToHistory(home, { ...run(time), problems: ['"kind":"alert"'] } as HistoryEntry);
  }
  const last = (count: number) => lastAlerts(home, count).map(({ at }) => at.slice(0, 10));
  expect(last(10)).toEqual(["2026-11-02", "2026-11-01", "2026-10-01", "2026-09-01"]);
  expect(last(2)).toEqual(["2026-11-02", "2026-11-01"]);
  expect(lastAlerts(freshHome(), 10)).toEqual([]);
});

test("the last drift check is found, however long ago it was and whatever came since", () => {
  const home = freshHome();
  const now = new Date("2026-11-30T00:00:00Z");
  expect(lastDrift(home, now)).toBeUndefined();
  addToHistory(home, run("2030-01-01T00:00:00.000Z"));
  for (const date of ["2026-10-01", "2026-10-02"]) addToHistory(home, run(`${date}T00:00:00.000Z`));
  for (const date of ["2026-10-30", "2026-11-20"])
    addToHistory(home, {
      ...{ kind: "check", at: `${date}T00:00:00.000Z`, outcome: "pass" },
      ...{ problems: ['"kind":"drift"'], chats: false },
    });
  expect(lastDrift(home, now)).toMatchObject({ at: "2026-10-02T00:00:00.000Z", isWhole: true });
});

test("a chat that fails is found since its first failure, whatever checks without chats came between", () => {
  const home = freshHome();
  const check = (time: string, chats: boolean, problems: string[]) =>
    addToHistory(home, { kind: "check", at: `2026-11-01T${time}:00.000Z`, outcome: "fail", problems, chats });
  check("08:00", true, []);
  check("09:00", true, ["chat.default"]);
  check("09:15", false, []);
  check("10:00", true, ["chat.default"]);
  check("10:15", false, []);
  expect([...problemsSince(home, ["chat.default"])]).toEqual([["chat.default", "2026-11-01T09:00:00.000Z"]]);
});

test("a problem's since is the first of the scheduled checks in a row that found it", () => {
  const home = freshHome();
  const check = (at: string, ...problems: string[]) =>
    addToHistory(home, {
      ...{ kind: "check", at: `${at}T00:00:00.000Z`, outcome: "warn", problems },
      chats: false,
    } as HistoryEntry);
  check("2026-09-30", "a", "b", "c");
  check("2026-10-01", "a");
  check("2026-10-02", "a", "b");
  addToHistory(home, { ...run("2026-10-03T00:00:00.000Z"), problems: [] } as HistoryEntry);
  check("2026-11-01", "a", "b");
  const since = problemsSince(home, ["a", "b", "c", "never"]);
  expect(Object.fromEntries([...since].map(([id, at]) => [id, at.slice(0, 10)]))).toEqual({
    a: "2026-09-30",
    b: "2026-10-02",
  });
  expect(problemsSince(freshHome(), ["a"]).size).toBe(0);
});

test("a check that left the chats out is no break of a chat's problem", () => {
  const home = freshHome();
  const check = (at: string, chats: boolean, ...problems: string[]) =>
    addToHistory(home, { kind: "check", at: `2026-11-01T${at}:00.000Z`, outcome: "fail", problems, chats });
  check("09:00", true);
  check("10:00", true, "chat.default");
  check("10:15", false);
  check("11:00", true, "chat.default");
  check("11:15", false);
  expect(problemsSince(home, ["chat.default"]).get("chat.default")).toBe("2026-11-01T10:00:00.000Z");
});

test("a new month removes what is older than 400 days, and no file of another name", () => {
  const home = freshHome();
  addToHistory(home, run("2025-09-01T00:00:00.000Z"));
  addToHistory(home, run("2025-10-28T00:00:00.000Z"));
  writeFileSync(join(home.history, "notes"), "");
  addToHistory(home, run("2026-12-01T00:00:00.000Z"));
  expect(readdirSync(home.history).sort()).toEqual(["2025-10.jsonl", "2026-12.jsonl", "notes"]);
});

test("a clock that is years ahead removes nothing", () => {
  const home = freshHome();
  for (const month of ["2026-10", "2026-11"]) addToHistory(home, run(`${month}-01T00:00:00.000Z`));
  addToHistory(home, run("2099-01-01T00:00:00.000Z"));
  addToHistory(home, run("2026-11-02T00:00:00.000Z"));
  expect(readHistory(home, "2026-01").map(({ at }) => at.slice(0, 10))).toEqual([
    "2026-10-01",
    "2026-11-01",
    "2026-11-02",
    "2099-01-01",
  ]);
});

test("a month's file is bounded", () => {
  const home = freshHome();
  addToHistory(home, run("2026-11-01T00:00:00.000Z"));
  const path = join(home.history, "2026-11.jsonl");
  appendFileSync(path, " ".repeat(8 * 1024 * 1024));
  const { size } = statSync(path);
  addToHistory(home, run("2026-11-02T00:00:00.000Z"));
  expect(statSync(path).size).toBe(size);
});

test("without an instance directory nothing is written", () => {
  const home = homePaths(join(folder, "gone"));
  addToHistory(home, run("2026-11-01T00:00:00.000Z"));
  expect(readdirSync(folder)).not.toContain("gone");
});
