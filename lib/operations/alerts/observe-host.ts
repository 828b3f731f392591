import { existsSync, statSync } from "node:fs";
import { uptime } from "node:os";
import { dirname } from "node:path";
import { filesLeftIn, roomIn } from "../../core/files/room";
import { sha256OfFile } from "../../core/fingerprint";
import { quote } from "../../core/text";
import { day } from "../../core/time";
import type { Condition, Observation } from "../../model/alert";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { inspectSchedules } from "../../session/schedule/inspect-schedules";
import { scriptOf } from "../../session/schedule/schedule-script";
import { readChannels } from "../../store/records/alert-channels";
import { deafBecause, heartbeatName, unheardBecause } from "../../store/records/alert-state";
import { type BackupRecord, readBackups } from "../../store/records/backup-record";
import { dataFolderOf, hostRecord } from "../../store/records/host-record";
import { readScheduledRun } from "../../store/records/scheduled-runs";
import { certificateProblem } from "../../vault/tls/certificate-time";
import { critical, warning } from "./condition";
import { readState } from "./tell";

/** How old the newest backup may be: a weekly run, and a day for a host that was off. */
const oldestBackup = 8 * day;
/** The free bytes below which a person is told, while a message can still be stored and sent; and from which it is over. */
const littleRoom = { told: 0.5e9, over: 1e9 };
/** The same of files: many images leave none (inodes) on a disk that has bytes. */
const fewFiles = { told: 2000, over: 10_000 };

/** What is free on the disk of a folder; undefined if it is not known. */
type Room = (folder: string) => number | undefined;

/** The part of a deployment that is read here. */
type Observed = Pick<Deployment, "instance" | "home" | "tls" | "external">;

/**
 * What this host's own records say: whether the scheduled backups are made, whether the host runs its other schedules, whether the
 * receivers take messages, and whether the certificate is renewed; and whether its disks have room.
 */
export async function observeHost(
  deployment: Observed,
  now: Date,
  room: Room = roomIn,
  files: Room = filesLeftIn,
): Promise<Observation> {
  const disks = disksOf(deployment, room, files);
  const { tls, external } = deployment;
  const certificate = tls && !external && certificateProblem(tls, now);
  return {
    at: now.toISOString(),
    conditions: [
      ...(await backups(deployment, now)),
      ...schedules(deployment, now),
      ...receivers(deployment, now),
      ...disks.flatMap(full).slice(0, 1),
      ...(certificate
        ? [
            critical(
              "certificate.not-renewed",
              `${certificate}.`,
              tls.made
                ? "openclaw-openrouter vault unseal, which renews it or says why not"
                : "Renew the files that `vault.tls` names in the settings. The next check has Vault serve them.",
            ),
          ]
        : []),
    ],
    determined: [
      "backup.failed",
      "backup.overdue",
      "certificate.not-renewed",
      "schedule.stopped:*",
      "alerts.refused:*",
      // Between the two it stays as it was: a disk at the limit would be told of each hour.
      ...(disks.length > 0 && disks.every(hasRoom) ? ["disk.full"] : []),
    ],
  };
}

interface Disk {
  /** A folder on it. */
  readonly folder: string;
  /** The free bytes. */
  readonly room: number;
  /** The files that it still takes; undefined if their number has no limit. */
  readonly files: number | undefined;
  /** What happens once it is full. */
  readonly harm: string;
}

/** The disks whose room is known: that of the instance directory, and the engine's, which has Vault's data. */
function disksOf({ home, external }: Observed, room: Room, files: Room): Disk[] {
  const data = external ? undefined : dataFolderOf(hostRecord.read(home)?.engineId);
  return [
    { folder: home.root, harm: "nothing is recorded or told any more" },
    ...(data ? [{ folder: data, harm: "Vault can store nothing, and stops" }] : []),
  ].flatMap((disk) => {
    // With user namespaces only root sees what is in the engine's folder.
    const on = (free: Room) => free(disk.folder) ?? free(dirname(disk.folder));
    const bytes = on(room);
    return bytes === undefined ? [] : [{ ...disk, room: bytes, files: on(files) }];
  });
}

function hasRoom({ room, files = fewFiles.over }: Disk): boolean {
  return room >= littleRoom.over && files >= fewFiles.over;
}

function full({ folder, room, files = fewFiles.over, harm }: Disk): Condition[] {
  const isFull = (left: string, option: string) => [
    critical(
      "disk.full",
      `The disk of ${folder} has ${left} left. Once it is full, ${harm}.`,
      `See what fills it: df ${option} ${quote(folder)}; docker system df`,
    ),
  ];
  if (room < littleRoom.told) return isFull(`${Math.floor(room / 1e6)} MB`, "-h");
  return files < fewFiles.told ? isFull(`${files} inodes`, "-i") : [];
}

/** The receivers that hear of nothing, which the others are told of, and a heartbeat that nobody hears. */
function receivers({ home }: Observed, now: Date): Condition[] {
  const state = readState(home);
  const unheard = unheardBecause(state);
  const deaf = readChannels(home).channels.flatMap(({ name }) => {
    const why = deafBecause(state, name, now);
    if (why === undefined) return [];
    const test = `openclaw-openrouter alerts test ${name}`;
    return [warning(`alerts.refused:${name}`, `The receiver ${name} ${why}.`, test)];
  });
  if (unheard === undefined) return deaf;
  const fix = "openclaw-openrouter alerts heartbeat";
  const lost = warning(`alerts.refused:${heartbeatName}`, `The service of the heartbeat ${unheard}.`, fix);
  return [...deaf, { ...lost, twice: true }];
}

/** The check is what runs now, of which {@link observeScheduledCheck} tells, and a backup that is not made has conditions of its own. */
function schedules({ instance, home }: Observed, now: Date): Condition[] {
  // Found twice: at the first check after a boot, what the host missed may not have run yet.
  return inspectSchedules({ instance, home: home.root }, { now, up: Number.POSITIVE_INFINITY })
    .stale.filter(({ command, runs }) => !runs && command !== "check" && command !== "backup")
    .map(({ command, problem, fix }) => ({
      ...warning(`schedule.stopped:${command}`, `The scheduled ${command} ${problem}.`, fix),
      twice: true,
    }));
}

/**
 * Whether the host still runs the scheduled check, which tells of everything else: the scheduled drift check tells of that. Right
 * after a boot, what the host missed may not have run yet.
 * @param up seconds since the boot
 */
export function observeScheduledCheck(
  { instance, home }: Pick<Observed, "instance" | "home">,
  now: Date,
  up = uptime(),
): Observation {
  const { stale } = inspectSchedules({ instance, home: home.root }, { now, up });
  return {
    at: now.toISOString(),
    conditions: stale
      .filter(({ command, runs }) => command === "check" && !runs)
      .map(({ problem, fix }) =>
        critical(
          "schedule.stopped:check",
          `The scheduled check ${problem}: nothing tells of a problem any more.`,
          fix,
        ),
      ),
    determined: ["schedule.stopped:check"],
  };
}

async function backups({ home }: Observed, now: Date): Promise<Condition[]> {
  const script = scriptOf(home.root, "backup");
  if (!existsSync(script)) return [];
  const fix = "See why: openclaw-openrouter backup create";
  const last = readScheduledRun(home, "backup");
  const recorded = readBackups(home).at(-1);
  const newest = (await newestWhole(home))?.created;
  // A backup that a person made since is as good.
  if (last && last.exitCode !== 0 && !(Date.parse(newest ?? "") > Date.parse(last.at)))
    return [
      critical(
        "backup.failed",
        `The scheduled backup of ${last.at.slice(0, 10)} failed (exit code ${last.exitCode}).`,
        fix,
      ),
    ];
  const since = Math.max(Date.parse(newest ?? "") || 0, statSync(script).mtimeMs);
  const isLost = recorded !== undefined && newest === undefined;
  if (!isLost && now.getTime() - since <= oldestBackup) return [];
  const lost =
    recorded && recorded.created !== newest
      ? `The file of the backup of ${recorded.created.slice(0, 10)} is missing or changed: ${recorded.file}. `
      : "";
  const left = newest ? `The newest backup is of ${newest.slice(0, 10)}.` : "";
  return [critical("backup.overdue", `${lost}${left}`.trim() || "No backup has been made yet.", fix)];
}

/** In bytes. A snapshot of Vault's is shorter. */
const longestBackup = 2 ** 34;

/**
 * The newest backup whose file is as it was written: one that was deleted, truncated or damaged since restores nothing. The folder can
 * be another user's, as one from which backups are fetched: nothing there may hold up the check, which tells of everything else.
 */
async function newestWhole(home: HomePaths): Promise<BackupRecord | undefined> {
  for (const backup of readBackups(home).toReversed())
    if ((await sha256OfFile(backup.file, longestBackup).catch(() => undefined)) === backup.sha256)
      return backup;
  return undefined;
}
