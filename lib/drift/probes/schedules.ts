import { inspectSchedules } from "../../session/schedule/inspect-schedules";
import { drift } from "../finding";
import { everyProbe } from "../probe";

/** Inspects that the host still runs what was scheduled: without the scheduled unseal, Vault stays sealed after a restart. */
export const schedules = everyProbe("schedules", ({ home, deployed }) => {
  const { stale } = inspectSchedules({ home: home.root, instance: deployed.instance });
  return stale
    .filter(({ runs }) => !runs)
    .map(({ command, problem, fix }) =>
      drift(`schedules.${command}`, command === "unseal" ? "major" : "minor", `the scheduled ${command}`, {
        summary: `The scheduled ${command} ${problem}${command === "unseal" ? ": Vault stays sealed after its next restart" : ""}`,
        fix,
      }),
    );
});
