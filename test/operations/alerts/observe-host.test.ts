import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Observation } from "../../../lib/model/alert";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { judge } from "../../../lib/operations/alerts/judge";
import { observeHost, observeScheduledCheck } from "../../../lib/operations/alerts/observe-host";
import { renderScript, type ScheduledName, scriptOf } from "../../../lib/session/schedule/schedule-script";
import { channelsRecord } from "../../../lib/store/records/alert-channels";
import { alertStateRecord, noAlerts, type Spooled } from "../../../lib/store/records/alert-state";
import { writeBackups } from "../../../lib/store/records/backup-record";
import { writeScheduledRun } from "../../../lib/store/records/scheduled-runs";
import { scratchFolder } from "../../support/folder";

const hour = 3_600_000;
/** Later than the scripts, which are written by today's clock. */
const now = new Date(Date.now() + 60 * 24 * hour);
const ago = (hours: number) => new Date(now.getTime() - hours * hour).toISOString();

let home: HomePaths;
beforeEach(() => {
  home = homePaths(scratchFolder());
});

const observe = (): Observation => observeHost({ instance: "default", home }, now, 2e9);
const events = () => observe().conditions.map(({ id }) => id);

/** Schedules a command of a program that is there, and as new as this one. */
function schedule(command: ScheduledName): void {
  const program = join(home.root, "program/scripts/openclaw-openrouter.mjs");
  mkdirSync(join(home.root, "program/scripts"), { recursive: true });
  writeFileSync(program, "");
  writeFileSync(join(home.root, "program/package.json"), JSON.stringify({ version: "99.0.0" }));
  writeFileSync(
    scriptOf(home.root, command),
    renderScript({
      ...{ command, instance: "default", program, node: process.execPath },
      ...{ arguments: [], environment: {}, isAtBoot: false },
    }),
  );
}

const waiting = (hours: number): Spooled => ({
  message: {
    ...{ version: 1, id: "1", event: "e", phase: "raised", severity: "warning" },
    ...{ instance: "default", host: "h", at: ago(hours), summary: "s" },
  },
  pending: [{ channel: "mail", attempts: 3 }],
});

const backup = (created: string) =>
  writeBackups(home, [{ file: "/b.tar", created, sha256: "", clusterId: "", seal: "shamir" }]);

test("a disk that fills is told while there is room for it, and is over only once there is more", () => {
  const seen = [2e9, 0.7e9, 0.49e9, 0.7e9, 0.49e9, 1e9];
  const origin = { instance: "default", id: "2f1c", host: "h", channels: ["mail"] };
  let state = noAlerts;
  for (const room of seen)
    state = judge(state, observeHost({ instance: "default", home }, now, room), origin);
  expect(state.spool.map(({ message: { phase, event } }) => `${phase} ${event}`)).toEqual([
    "raised disk.full",
    "resolved disk.full",
  ]);
});

test("nothing scheduled is no problem", () => {
  expect(observe()).toMatchObject({
    conditions: [],
    determined: [
      "backup.failed",
      "backup.overdue",
      "certificate.not-renewed",
      "schedule.stopped:*",
      "alerts.refused:*",
      "disk.full",
    ],
  });
});

test("a scheduled backup that failed is told, until one is made, by hand too", () => {
  schedule("backup");
  backup(ago(7 * 24 + 2));
  writeScheduledRun(home, "backup", { at: ago(2), exitCode: 1 });
  expect(events()).toEqual(["backup.failed"]);
  backup(ago(1));
  expect(events()).toEqual([]);
});

test.each([
  [
    "that refused a message",
    { refused: { mail: { at: ago(1), answer: "SMTP 550" } } },
    "refused the last message (SMTP 550)",
  ],
  ["to which one waits for a day", { spool: [waiting(25)] }, "has taken no message for more than a day"],
  ["to which one waits for an hour", { spool: [waiting(1)] }, undefined],
])("a receiver %s", (_, state, why) => {
  const channels = [{ name: "mail", kind: "mail" as const, target: "smtps://h/?to=a@b.c", added: ago(99) }];
  channelsRecord.write(home, { channels });
  alertStateRecord.write(home, { ...noAlerts, ...state });
  const told = observe().conditions.map(({ id, summary }) => `${id} ${summary}`);
  expect(told).toEqual(why === undefined ? [] : [`alerts.refused:mail The receiver mail ${why}.`]);
});

test("a check that does not run any more is told by the drift check, and not right after a boot", () => {
  const ofCheck = (up: number) => observeScheduledCheck({ instance: "default", home }, now, up);
  expect(ofCheck(1e6)).toMatchObject({ conditions: [], determined: ["schedule.stopped:check"] });
  schedule("check");
  writeScheduledRun(home, "check", { at: ago(3), exitCode: 0 });
  expect(ofCheck(1e6).conditions).toEqual([
    {
      ...{ id: "schedule.stopped:check", severity: "critical" },
      summary: `The scheduled check did not run since ${ago(3).slice(0, 16)}: nothing tells of a problem any more.`,
      fix: "openclaw-openrouter schedule add check",
    },
  ]);
  expect(ofCheck(60).conditions).toEqual([]);
  writeScheduledRun(home, "check", { at: ago(1), exitCode: 1 });
  expect(ofCheck(1e6).conditions).toEqual([]);
});

test("a scheduled drift check that does not run any more is told with its fix", () => {
  schedule("drift");
  schedule("check");
  writeScheduledRun(home, "drift", { at: ago(37), exitCode: 0 });
  expect(observe().conditions).toEqual([
    {
      id: "schedule.stopped:drift",
      severity: "warning",
      twice: true,
      summary: `The scheduled drift did not run since ${ago(37).slice(0, 16)}.`,
      fix: "openclaw-openrouter schedule add drift",
    },
  ]);
  writeScheduledRun(home, "drift", { at: ago(35), exitCode: 2 });
  expect(events()).toEqual([]);
});
