import { z } from "zod";
import { UserError } from "../core/errors";
import type { HomePaths } from "../model/home-paths";
import { defineRecord } from "./record";

const schema = z.object({
  command: z.enum(["restore", "rebuild", "upgrade"]),
  /** The backup whose data are put instead of the present ones, an absolute path. */
  backup: z.string(),
  since: z.iso.datetime(),
  /**
   * `copying`: the present data are being copied, and nothing of them is touched. `copied`: they lie in volumes of their own,
   * and may be in pieces. `replaced`: the new ones are whole, and the copies are kept until the check has passed.
   */
  stage: z.enum(["copying", "copied", "replaced"]),
  /** Whether there were any data. */
  hadData: z.boolean(),
  /** `vault upgrade`: the image before, as the settings named it, and as the engine has it. */
  imageBefore: z.object({ wanted: z.string(), reference: z.string() }).exactOptional(),
});

/** That Vault's data are being replaced, written before anything of them is touched. */
export type ReplacingRecord = z.output<typeof schema>;
export const replacingRecord = defineRecord("replacing", schema);

/**
 * The same for a command that goes on with its own only.
 * @throws UserError where it is another command's, which keeps the previous data
 */
export function readReplacingOf(
  command: ReplacingRecord["command"],
  home: HomePaths,
): ReplacingRecord | undefined {
  const record = replacingRecord.read(home);
  if (!record || record.command === command) return record;
  throw new UserError({
    problem: `\`${replacingCommands[record.command]}\` did not come to its end, and keeps the previous data.`,
    got: `${home.replacing}, of ${record.since}`,
    fix: wayToEnd(record),
  });
}

/** The words of the commands that replace data. */
export const replacingCommands = {
  restore: "restore",
  rebuild: "rebuild",
  upgrade: "vault upgrade",
} as const;

/** How a replacing that was interrupted is ended. */
export function wayToEnd({ command, backup }: ReplacingRecord): string {
  const goOn = command === "restore" ? `restore --from ${backup}` : replacingCommands[command];
  return `openclaw-openrouter ${goOn}\nwhich resumes from there; or have the previous data again: openclaw-openrouter restore --undo`;
}

/**
 * For the commands that work on a Vault's data: those must be whole.
 * @throws UserError where they are being replaced, and that was interrupted
 */
export function requireWholeData(home: HomePaths): void {
  const record = replacingRecord.read(home);
  if (!record || record.stage === "replaced") return;
  throw new UserError({
    problem: `\`${replacingCommands[record.command]}\` was interrupted while it replaced Vault's data, which are not whole now.`,
    got: `${home.replacing}, of ${record.since}`,
    fix: wayToEnd(record),
  });
}
