import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../lib/core/fingerprint";
import { minuteOf } from "../../../lib/core/time";
import type { Observation } from "../../../lib/model/alert";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { judge } from "../../../lib/operations/alerts/judge";
import { observeHost, observeScheduledCheck } from "../../../lib/operations/alerts/observe-host";
import { renderScript, type ScheduledName, scriptOf } from "../../../lib/session/schedule/schedule-script";
import { channelsRecord } from "../../../lib/store/records/alert-channels";
import { alertStateRecord, noAlerts, type Spooled } from "../../../lib/store/records/alert-state";
import { writeBackups } from "../../../lib/store/records/backup-record";
import { hostRecord } from "../../../lib/store/records/host-record";
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

const observe = (): Promise<Observation> => observeHost({ instance: "default", home }, now, () => 2e9);
const events = async () => (await observe()).conditions.map(({ id }) => id);

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

/** Records backups, each with its file. @returns the paths of the files */
function backup(...created: string[]): string[] {
  const backups = created.map((at) => ({ file: join(home.root, `${Date.parse(at)}.tar`), created: at }));
  for (const { file, created: text } of backups) writeFileSync(file, text);
  const more = { clusterId: "", seal: "shamir" };
  writeBackups(
    home,
    backups.map((each) => ({ ...each, sha256: sha256(each.created), ...more })),
  );
  return backups.map(({ file }) => file);
}

test("a disk that fills is told while there is room for it, and is over only once there is more", async () => {
  const seen = [2e9, 0.7e9, 0.49e9, 0.7e9, 0.49e9, 1e9];
  const origin = { instance: "default", id: "2f1c", host: "h", channels: ["mail"] };
  let state = noAlerts;
  for (const room of seen)
    state = judge(state, await observeHost({ instance: "default", home }, now, () => room), origin);
  expect(state.spool.map(({ message: { phase, event } }) => `${phase} ${event}`)).toEqual([
    "raised disk.full",
    "resolved disk.full",
  ]);
});

test("a disk that takes no more files is told though it has bytes, and one whose files have no limit is not", async () => {
  const seen = async (files: number | undefined) => {
    const { conditions, determined } = await observeHost(
      { instance: "default", home },
      now,
      () => 2e9,
      () => files,
    );
    return [conditions.map(({ summary }) => summary), determined.includes("disk.full")];
  };
  expect(await seen(1999)).toEqual([
    [`The disk of ${home.root} has 1999 inodes left. Once it is full, nothing is recorded or told any more.`],
    false,
  ]);
  expect(await seen(5000)).toEqual([[], false]);
  expect(await seen(10_000)).toEqual([[], true]);
  expect(await seen(undefined)).toEqual([[], true]);
});

test("the disk of the engine's data counts too: Vault stops once it is full", async () => {
  hostRecord.write(home, { engineId: "ABC /var/lib/docker/100000.100000" });
  const seen = async (engine: number) => {
    // Another user than root does not see the folder itself.
    const rooms = new Map([
      [home.root, 2e9],
      ["/var/lib/docker", engine],
    ]);
    const observed = await observeHost({ instance: "default", home }, now, (folder) => rooms.get(folder));
    return {
      told: observed.conditions.map(({ id, summary }) => `${id} ${summary}`),
      isOver: observed.determined.includes("disk.full"),
    };
  };
  expect(await seen(0.4e9)).toEqual({
    told: [
      "disk.full The disk of /var/lib/docker/100000.100000 has 400 MB left. Once it is full, Vault can store nothing, and stops.",
    ],
    isOver: false,
  });
  expect(await seen(0.7e9)).toEqual({ told: [], isOver: false });
  expect(await seen(2e9)).toEqual({ told: [], isOver: true });
});

test("nothing scheduled is no problem", async () => {
  expect(await observe()).toMatchObject({
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

test("a backup whose file is gone or changed is none", async () => {
  schedule("backup");
  const summaries = async () => (await observe()).conditions.map(({ id, summary }) => `${id} ${summary}`);
  const [, middle = "", last = ""] = backup(ago(15 * 24), ago(9 * 24), ago(24));
  expect(await summaries()).toEqual([]);
  const day = (hours: number) => ago(hours).slice(0, 10);
  writeFileSync(last, "");
  expect(await summaries()).toEqual([
    `backup.overdue The file of the backup of ${day(24)} is missing or changed: ${last}. The newest backup is of ${day(9 * 24)}.`,
  ]);
  rmSync(middle);
  expect((await summaries()).join()).toContain(`The newest backup is of ${day(15 * 24)}.`);
});

test("a pipe instead of a backup, in a folder of another user, holds nothing up and is none", async () => {
  schedule("backup");
  const [file = ""] = backup(ago(24));
  rmSync(file);
  execFileSync("mkfifo", [file]);
  expect(await events()).toEqual(["backup.overdue"]);
});

test("no whole backup at all is told even if the schedule is new", async () => {
  schedule("backup");
  const [file = ""] = backup(new Date().toISOString());
  const today = () => observeHost({ instance: "default", home }, new Date(), () => 2e9);
  expect((await today()).conditions).toEqual([]);
  rmSync(file);
  expect((await today()).conditions.map(({ id }) => id)).toEqual(["backup.overdue"]);
});

test("a scheduled backup that failed is reported, until one is made, by hand too", async () => {
  schedule("backup");
  backup(ago(7 * 24 + 2));
  writeScheduledRun(home, "backup", { at: ago(2), exitCode: 1 });
  expect(await events()).toEqual(["backup.failed"]);
  backup(ago(1));
  expect(await events()).toEqual([]);
});

test.each([
  [
    "that refused a message",
    { refused: { mail: { at: ago(1), answer: "SMTP 550" } } },
    "refused the last message (SMTP 550)",
  ],
  ["to which one waits for a day", { spool: [waiting(25)] }, "has taken no message for more than a day"],
  ["to which one waits for an hour", { spool: [waiting(1)] }, undefined],
])("a receiver %s", async (_, state, why) => {
  const channels = [{ name: "mail", kind: "mail" as const, target: "smtps://h/?to=a@b.c", added: ago(99) }];
  channelsRecord.write(home, { channels });
  alertStateRecord.write(home, { ...noAlerts, ...state });
  const told = (await observe()).conditions.map(({ id, summary }) => `${id} ${summary}`);
  expect(told).toEqual(why === undefined ? [] : [`alerts.refused:mail The receiver mail ${why}.`]);
});

test("a check that does not run any more is reported by the drift check, and not right after a boot", () => {
  const ofCheck = (up: number) => observeScheduledCheck({ instance: "default", home }, now, up);
  expect(ofCheck(1e6)).toMatchObject({ conditions: [], determined: ["schedule.stopped:check"] });
  schedule("check");
  writeScheduledRun(home, "check", { at: ago(3), exitCode: 0 });
  expect(ofCheck(1e6).conditions).toEqual([
    {
      ...{ id: "schedule.stopped:check", severity: "critical" },
      summary: `The scheduled check did not run since ${minuteOf(ago(3))}: nothing tells of a problem any more.`,
      fix: "openclaw-openrouter schedule add check",
    },
  ]);
  expect(ofCheck(60).conditions).toEqual([]);
  writeScheduledRun(home, "check", { at: ago(1), exitCode: 1 });
  expect(ofCheck(1e6).conditions).toEqual([]);
});

test("a scheduled drift check that does not run any more is reported with its fix", async () => {
  schedule("drift");
  schedule("check");
  writeScheduledRun(home, "drift", { at: ago(37), exitCode: 0 });
  expect((await observe()).conditions).toEqual([
    {
      id: "schedule.stopped:drift",
      severity: "warning",
      twice: true,
      summary: `The scheduled drift did not run since ${minuteOf(ago(37))}.`,
      fix: "openclaw-openrouter schedule add drift",
    },
  ]);
  writeScheduledRun(home, "drift", { at: ago(35), exitCode: 2 });
  expect(await events()).toEqual([]);
});
