import { combine, pass } from "../../report/finding";
import { inspectSchedules } from "../../session/schedule/inspect-schedules";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("host.schedules");

export const hostSchedules: Check = {
  id: "host.schedules",
  why: "A schedule does nothing if its program is gone, and runs old code if its program is outdated.",
  needs: [],
  async run({ home, parameters: { instance } }) {
    const { scheduled, stale } = inspectSchedules({ home: home.root, instance });
    if (scheduled.length === 0) return pass("nothing is scheduled on this host");
    return combine(
      `scheduled on this host: ${scheduled.join(", ")}`,
      stale.map(({ command, problem, runs, fix }) =>
        warn(`${runs ? "older" : "stopped"}:${command}`, `the scheduled ${command} ${problem}`, fix),
      ),
    );
  },
};
