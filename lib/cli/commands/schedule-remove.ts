import { Argument, type Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { type ScheduledName, scheduledNames } from "../../session/schedule/schedule-script";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson } from "../output";
import { sayUninstalled } from "../say-schedule";

/** `schedule remove`: removes scheduled commands from the host. */
export function register(schedule: Command): void {
  const command = schedule
    .command("remove")
    .description("remove scheduled commands: all, or the named ones")
    .addArgument(new Argument("[name...]", "which").choices(scheduledNames));
  addInstanceOptions(command).action(async (names: readonly ScheduledName[], options: InstanceOptions) => {
    process.exitCode = await remove(names.length > 0 ? names : scheduledNames, options);
  });
}

async function remove(names: readonly ScheduledName[], options: InstanceOptions): Promise<ExitCode> {
  const { selectInstance } = await import("../../store/select");
  const { instanceHome } = await import("../../store/home");
  const { uninstallSchedule } = await import("../../session/schedule/schedule");
  const instance = selectInstance({ named: options.instance, keyGiven: false });
  const removed: object[] = [];
  for (const name of names) {
    const uninstalled = await uninstallSchedule({ command: name, instance, home: instanceHome(instance) });
    sayUninstalled(
      uninstalled,
      `The host no longer runs ${name} of the instance ${instance}.`,
      `The host did not run ${name} of the instance ${instance}.`,
    );
    removed.push({ name, ...uninstalled });
  }
  if (options.json) printJson({ version: 1, instance, schedules: removed });
  return ExitCode.Ok;
}
