import { childEnvironment } from "../../core/system/environment";
import { findProgram } from "../../core/system/find-program";
import { run } from "../../core/system/process";
import { quote } from "../../core/text";
import { occasionOf } from "./occasions";
import type { ScheduleOptions } from "./units";

/** The line of this user's crontab that runs the command, if there is one: not one that its owner made a comment. */
export async function cronLine(options: ScheduleOptions): Promise<string | undefined> {
  return (await readCrontab()).find((line) => line.endsWith(marker(options)) && !/^\s*#/.test(line));
}

/** The line for a crontab that runs the command. @param script its script */
export function lineFor(options: ScheduleOptions, script: string): string {
  // In a crontab, a percent sign ends the command, and a backslash escapes it or another backslash.
  const argument = quote(script).replace(/[\\%]/g, "\\$&");
  return `${occasionOf(options.command).cron} /bin/sh ${argument} ${marker(options)}`;
}

function marker({ command, instance }: ScheduleOptions): string {
  // Not in the form of a command: output rewrites commands for this host, and this marker must stay the same.
  return `# openclaw-openrouter: ${command} ${instance}`;
}

/** The lines of the user's crontab; none if there is no cron, or no crontab of this user. */
async function readCrontab(): Promise<string[]> {
  if (!findProgram("crontab", process.env.PATH ?? "")) return [];
  const { exitCode, stdout } = await run("crontab", ["-l"], { env: childEnvironment(), timeout: 10_000 });
  return exitCode === 0 ? stdout.split("\n") : [];
}
