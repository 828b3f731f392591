import { inspectSchedules } from "../../session/schedule/inspect-schedules";
import { notRunBecause } from "../../session/schedule/units";
import { drift, type Finding } from "../finding";
import { everyProbe } from "../probe";

/** Inspects that the host still runs what was scheduled: without the scheduled unseal, Vault stays sealed after a restart. */
export const schedules = everyProbe("schedules", ({ home, deployed }) => {
  const { scheduled, stale } = inspectSchedules({ home: home.root });
  return scheduled.flatMap((command): Finding[] => {
    const broken = stale.find((each) => each.command === command && !each.runs)?.problem;
    const options = { command, instance: deployed.instance, home: home.root };
    const problem = broken ?? notRunBecause(options);
    if (problem === undefined) return [];
    return [
      drift(`schedules.${command}`, command === "unseal" ? "major" : "minor", `the scheduled ${command}`, {
        summary: `The scheduled ${command} ${problem}${command === "unseal" ? ": Vault stays sealed after its next restart" : ""}`,
        fix: broken ? "openclaw-openrouter up" : `openclaw-openrouter schedule add ${command}`,
      }),
    ];
  });
});
