import { z } from "zod";
import { UserError } from "../../core/errors";
import { quote } from "../../core/text";
import { minuteOf } from "../../core/time";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

const schema = z.object({
  command: z.enum(["restore", "rebuild", "upgrade"]),
  /** The absolute path of the backup whose data replaces the current data. */
  backup: z.string(),
  since: z.iso.datetime(),
  /**
   * `copying`: the current data is being copied and is unchanged. `copied`: the copies are complete, in volumes of their own;
   * the data itself may be incomplete. `replaced`: the new data is complete; the copies are kept until the check has passed.
   */
  stage: z.enum(["copying", "copied", "replaced"]),
  /** Whether there was any previous data. */
  hadData: z.boolean(),
  /** `restore`: the backup of the previous data. Missing if there were none, or they could not be opened. */
  before: z.string().exactOptional(),
  /** `vault upgrade`: the previous image, as the settings named it and as the engine references it. */
  imageBefore: z.object({ wanted: z.string(), reference: z.string() }).exactOptional(),
});

/** The replacement of Vault's data that is under way. It is recorded before any data changes. */
export type ReplacingRecord = z.output<typeof schema>;
export const replacingRecord = defineRecord("replacing", schema);

/**
 * The record, for a command that can resume only its own replacement.
 * @throws UserError if another command wrote it, which keeps the previous data
 */
export function readReplacingOf(
  command: ReplacingRecord["command"],
  home: HomePaths,
): ReplacingRecord | undefined {
  const record = replacingRecord.read(home);
  if (!record || record.command === command) return record;
  throw notFinished(record, home);
}

/** @throws UserError if a command keeps the previous data: it keeps their shares too, which nothing may remove before it ends */
export function requireFinished(home: HomePaths): void {
  const record = replacingRecord.read(home);
  if (record) throw notFinished(record, home);
}

function notFinished(record: ReplacingRecord, home: HomePaths): UserError {
  return new UserError({
    problem: `\`${replacingCommands[record.command]}\` is not finished, and keeps the previous data and their shares.`,
    got: `${home.replacing}, of ${record.since}`,
    fix: wayToEnd(record),
  });
}

/**
 * Whether the copies of an earlier replacement stay what a further one goes back to: while the current data may be incomplete, and
 * while nobody can open them. Otherwise work went on with the current data since, and they are what to copy.
 * @param isBackedUp whether the current data are in a backup, which takes a Vault that can be opened
 */
export function doCopiesStay({ stage, hadData }: ReplacingRecord, isBackedUp: boolean): boolean {
  return stage === "copied" || (stage === "replaced" && hadData && !isBackedUp);
}

/** The commands that replace data, as a person types them. */
export const replacingCommands = {
  restore: "restore",
  rebuild: "rebuild",
  upgrade: "vault upgrade",
} as const;

/** The previous data, for people: of when they are, and what replaced them. */
export function previousDataOf({ command, since }: ReplacingRecord): string {
  return `Vault's data of ${minuteOf(since)}, from before \`${replacingCommands[command]}\``;
}

/** The command that resumes a replacement. */
export function resumingCommand({ command, backup }: ReplacingRecord): string {
  const goOn = command === "restore" ? `restore --from ${quote(backup)}` : replacingCommands[command];
  return `openclaw-openrouter ${goOn}`;
}

/** The fix for an interrupted replacement: how to resume it or to restore the previous data. */
export function wayToEnd(record: ReplacingRecord): string {
  return `${resumingCommand(record)}\nresumes it. To restore the previous data instead: openclaw-openrouter restore --undo`;
}

/**
 * Verifies, for the commands that work on Vault's data, that the data is complete.
 * @throws UserError if replacing it was interrupted
 */
export function requireWholeData(home: HomePaths): void {
  const record = replacingRecord.read(home);
  if (!record || record.stage === "replaced") return;
  throw new UserError({
    problem: `\`${replacingCommands[record.command]}\` was interrupted while it replaced Vault's data, which is incomplete now.`,
    got: `${home.replacing}, of ${record.since}`,
    fix: wayToEnd(record),
  });
}
