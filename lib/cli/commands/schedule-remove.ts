import { Argument } from "commander";
import type { Uninstalled } from "../../session/schedule/schedule";
import { type ScheduledName, scheduledNames } from "../../session/schedule/schedule-script";
import { instanceHome } from "../../store/home";
import { sayCronLines } from "../cron-lines";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";
import { say } from "../output";

/** `schedule remove`: removes scheduled commands from the host. */
export const register = defineCommand({
  name: "remove",
  summary: "remove scheduled commands: all, or the named ones",
  arguments: [new Argument("[name...]", "which").choices(scheduledNames)],
  options: [instanceOptions],
  needs: "name",
  run: async ({ instance, command }) => {
    const { uninstallSchedule } = await import("../../session/schedule/schedule");
    const named: readonly ScheduledName[] = command.processedArgs[0];
    const schedules: ({ readonly name: ScheduledName } & Uninstalled)[] = [];
    for (const name of named.length > 0 ? named : scheduledNames) {
      const removed = await uninstallSchedule({ command: name, instance, home: instanceHome(instance) });
      const did = removed.found ? "The host no longer runs" : "The host did not run";
      say(`${did} ${name} of the instance ${instance}.`);
      schedules.push({ name, ...removed });
    }
    sayCronLines(schedules.map(({ cronLine }) => cronLine));
    return { json: { schedules } };
  },
});
