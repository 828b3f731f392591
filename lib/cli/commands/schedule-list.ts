import { table } from "../../core/text";
import { readSchedules, type ScheduleStatus } from "../../session/schedule/schedule-status";
import { instanceHome } from "../../store/home";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `schedule list`: lists the scheduled commands, with the time and the result of the last run. */
export const register = defineCommand({
  name: "list",
  summary: "show the scheduled commands, with the time and the result of the last run",
  options: [instanceOptions],
  needs: "name",
  run: async ({ instance }) => {
    const schedules = await readSchedules({ instance, home: instanceHome(instance) });
    const isMissing = schedules.some(({ by }) => by === undefined);
    const hint = isMissing ? ["\nTo add what is missing: openclaw-openrouter schedule add"] : [];
    const view = [table(schedules.map(describe)), ...hint].join("\n");
    return { json: { schedules }, view };
  },
});

function describe({ name, by, when, last, next, problem }: ScheduleStatus): string[] {
  if (by === undefined) return [name, "not scheduled"];
  const ran = last ? `last ${last.at}: ${last.result}` : "has not run yet";
  return [
    name,
    `${when}, by ${by}; ${ran}${next ? `; next ${next}` : ""}${problem ? `; it ${problem}` : ""}`,
  ];
}
