import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { attempt } from "../core/attempt";
import { appendFlushed, notWritten, readTextIfThere, syncFolder } from "../core/files/files";
import { day } from "../core/time";
import type { HomePaths } from "../model/home-paths";

/** How long entries are kept. */
const keptDays = 400;
/** The largest file of a month, in bytes: a check every 15 minutes writes about a tenth of it. */
const largestMonth = 8 * 1024 * 1024;

const at = z.iso.datetime();

const entry = z.discriminatedUnion("kind", [
  /** A scheduled check. */
  z.object({
    kind: z.literal("check"),
    at,
    outcome: z.enum(["pass", "warn", "fail"]),
    /** The checks that warned or failed. */
    problems: z.array(z.string()),
    /** Whether chats were tried. */
    chats: z.boolean(),
    /** Fingerprint of the key: the next two belong to it. */
    key: z.string().exactOptional(),
    /** Spent since the month began, and since midnight UTC, in USD, as OpenRouter reports it. */
    spentMonthUsd: z.number().exactOptional(),
    spentTodayUsd: z.number().exactOptional(),
  }),
  /** A scheduled drift check. */
  z.object({
    kind: z.literal("drift"),
    at,
    outcome: z.string(),
    /** The differences that it found. */
    problems: z.array(z.string()),
    /** Whether it inspected everything. */
    isWhole: z.boolean(),
  }),
  /** A message for a person. */
  z.object({ kind: z.literal("alert"), at, event: z.string(), phase: z.string(), summary: z.string() }),
]);
export type HistoryEntry = z.output<typeof entry>;

/** Whether a check is a chat, which most scheduled checks leave out. */
export function isChat(id: string): boolean {
  return id.startsWith("chat.");
}

/**
 * Adds an entry to the instance's history, and waits until it is on the disk. A crash leaves at most a torn last line, which is
 * not read. Removes what is older than 400 days. Does nothing if the instance directory is gone.
 */
export function addToHistory(home: HomePaths, added: HistoryEntry): void {
  if (!existsSync(home.root)) return;
  const path = join(home.history, `${added.at.slice(0, 7)}.jsonl`);
  try {
    const isNew = !existsSync(path);
    mkdirSync(home.history, { recursive: true, mode: 0o700 });
    // The line break comes first: so an entry does not continue a torn one.
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < largestMonth)
      appendFlushed(path, `\n${JSON.stringify(added)}`);
    if (!isNew) return;
    removeOld(home, Date.parse(added.at));
    syncFolder(home.history);
  } catch (error) {
    throw notWritten(path, error as NodeJS.ErrnoException);
  }
}

function removeOld(home: HomePaths, now: number): void {
  const oldest = new Date(now - keptDays * day).toISOString().slice(0, 7);
  const all = months(home);
  const old = all.filter((name) => name.slice(0, 7) < oldest);
  // If only the new one stayed, the clock may be years ahead, as at a boot before it is set. Else the next month removes them.
  if (old.length < all.length - 1) for (const name of old) rmSync(join(home.history, name));
}

/** The names of the months' files, the oldest first. */
function months(home: HomePaths): string[] {
  if (!existsSync(home.history)) return [];
  return readdirSync(home.history)
    .filter((name) => /^\d{4}-\d\d\.jsonl$/.test(name))
    .sort();
}

/**
 * The entries since a time, the oldest first. Lines that cannot be read are left out.
 * @param since ISO 8601
 */
export function readHistory(home: HomePaths, since: string): HistoryEntry[] {
  return months(home)
    .filter((name) => name.slice(0, 7) >= since.slice(0, 7))
    .flatMap((name) => linesOf(home, name))
    .flatMap((line) => readEntry(line) ?? [])
    .filter((each) => each.at >= since);
}

function linesOf(home: HomePaths, month: string): string[] {
  return (readTextIfThere(join(home.history, month)) ?? "").split("\n");
}

type OfKind<K extends HistoryEntry["kind"]> = Extract<HistoryEntry, { kind: K }>;

/** The entries of a kind of the last three months with entries, the newest first. Others are not parsed: they are many. */
function* newest<K extends HistoryEntry["kind"]>(home: HomePaths, kind: K): Generator<OfKind<K>> {
  const isOfKind = (read: HistoryEntry | undefined): read is OfKind<K> => read?.kind === kind;
  for (const month of months(home).slice(-3).reverse())
    for (const line of linesOf(home, month).reverse()) {
      const read = line.includes(`"kind":"${kind}"`) ? readEntry(line) : undefined;
      if (isOfKind(read)) yield read;
    }
}

/** The newest alerts, the newest first. */
export function lastAlerts(home: HomePaths, count: number): OfKind<"alert">[] {
  const found: OfKind<"alert">[] = [];
  for (const alert of newest(home, "alert")) if (found.push(alert) === count) break;
  return found;
}

/** The newest scheduled drift check. A clock that was ahead leaves entries of times to come. */
export function lastDrift(home: HomePaths, now: Date): OfKind<"drift"> | undefined {
  for (const drift of newest(home, "drift")) if (drift.at <= now.toISOString()) return drift;
  return undefined;
}

/**
 * Since when the scheduled checks find each of some problems without a break, ISO 8601, by the check's id; a problem that the last
 * one did not find is missing. Months before the last three are not read.
 */
export function problemsSince(home: HomePaths, ids: readonly string[]): ReadonlyMap<string, string> {
  const since = new Map<string, string>();
  let open = new Set(ids);
  for (const { at, problems, chats } of newest(home, "check")) {
    open = new Set([...open].filter((id) => problems.includes(id) || (isChat(id) && !chats)));
    for (const id of open) if (problems.includes(id)) since.set(id, at);
    if (open.size === 0) break;
  }
  return since;
}

function readEntry(line: string): HistoryEntry | undefined {
  return line ? attempt(() => entry.safeParse(JSON.parse(line)).data) : undefined;
}
