import { existsSync } from "node:fs";
import { z } from "zod";
import { readJsonIfThere, writeJson } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";

const scheduledRun = z.object({ at: z.iso.datetime(), exitCode: z.int() });
/** The end of a scheduled run. */
export type ScheduledRun = z.output<typeof scheduledRun>;

/** The last scheduled run of a command; undefined if it never ran. */
export function readScheduledRun(home: HomePaths, command: string): ScheduledRun | undefined {
  return readJsonIfThere(home.scheduledRun(command), scheduledRun);
}

/** Records the end of a scheduled run, if the instance directory is still there. */
export function writeScheduledRun(home: HomePaths, command: string, run: ScheduledRun): void {
  if (existsSync(home.root)) writeJson(home.scheduledRun(command), run);
}
