import { inspectSchedules } from "../../session/schedule/schedule";
import { type Check, combine, pass } from "../check";

export const hostSchedules: Check = {
  id: "host.schedules",
  why: "A schedule whose program is gone does nothing, and one whose program is old does what it did then.",
  needs: [],
  async run({ home }) {
    const { scheduled, stale } = inspectSchedules({ home: home.root });
    if (scheduled.length === 0) return pass("nothing is scheduled on this host");
    return combine(
      `scheduled on this host: ${scheduled.join(", ")}`,
      stale.map(({ command, problem }) => ({
        status: "warn",
        summary: `the scheduled ${command} ${problem}`,
        fix: "openclaw-openrouter up",
      })),
    );
  },
};
