import { existsSync } from "node:fs";
import { combine } from "../../report/finding";
import { scriptOf } from "../../session/schedule/schedule-script";
import { readChannels } from "../../store/records/alert-channels";
import {
  alertStateRecord,
  deafBecause,
  heartbeatName,
  noAlerts,
  unheardBecause,
} from "../../store/records/alert-state";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("host.alerts");

export const hostAlerts: Check = {
  id: "host.alerts",
  why: "An alert that reaches nobody is none.",
  needs: [],
  async run({ home, now }) {
    const names = readChannels(home).channels.map(({ name }) => name);
    const state = alertStateRecord.read(home) ?? noAlerts;
    const unheard = unheardBecause(state);
    const heartbeat =
      unheard !== undefined &&
      warn(
        `refused:${heartbeatName}`,
        `the service of the heartbeat ${unheard}`,
        "openclaw-openrouter alerts heartbeat; or: openclaw-openrouter alerts remove heartbeat",
      );
    if (names.length === 0) return combine("no alerts are sent", [heartbeat]);
    const deaf = names.map((name) => {
      const why = deafBecause(state, name, now());
      const fix = `openclaw-openrouter alerts test ${name}; or replace it: alerts remove ${name}, alerts add`;
      return why !== undefined && warn(`refused:${name}`, `the receiver ${name} ${why}`, fix);
    });
    return combine(`alerts go to ${names.join(", ")}`, [
      // Only a scheduled run sends alerts.
      !existsSync(scriptOf(home.root, "check")) &&
        warn(
          "no-check",
          `no check is scheduled on this host, so nothing tells ${names.join(", ")} of a problem`,
          "openclaw-openrouter schedule add check",
        ),
      ...deaf,
      heartbeat,
    ]);
  },
};
