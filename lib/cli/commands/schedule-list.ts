import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import type { ScheduleStatus } from "../../session/schedule/schedule-status";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";

/** `schedule list`: lists the scheduled commands, with the time and the result of the last run. */
export function register(schedule: Command): void {
  const command = schedule
    .command("list")
    .description("show the scheduled commands, with the time and the result of the last run");
  addInstanceOptions(command).action(async (options: InstanceOptions) => {
    process.exitCode = await list(options);
  });
}

async function list(options: InstanceOptions): Promise<ExitCode> {
  const { selectInstance } = await import("../../store/select");
  const { instanceHome } = await import("../../store/home");
  const { readSchedules } = await import("../../session/schedule/schedule-status");
  const instance = selectInstance({ named: options.instance, keyGiven: false });
  const schedules = await readSchedules({ instance, home: instanceHome(instance) });
  if (options.json) printJson({ version: 1, instance, schedules });
  else {
    say(schedules.map(describe).join("\n"));
    if (schedules.some(({ by }) => by === undefined))
      say("\nTo add what is missing: openclaw-openrouter schedule add");
  }
  return ExitCode.Ok;
}

function describe({ name, by, when, last, next }: ScheduleStatus): string {
  if (by === undefined) return `${name.padEnd(7)} not scheduled`;
  const never = by === "cron" ? "cron keeps no record of runs" : "has not run yet";
  const ran = last ? `last ${last.at}: ${last.result}` : never;
  return `${name.padEnd(7)} ${when}, by ${by}; ${ran}${next ? `; next ${next}` : ""}`;
}
