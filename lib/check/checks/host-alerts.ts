import { existsSync } from "node:fs";
import { day } from "../../core/time";
import { combine, pass, type Verdict, warn } from "../../report/finding";
import { scriptOf } from "../../session/schedule/schedule-script";
import { channelsRecord } from "../../store/records/alert-channels";
import { alertStateRecord } from "../../store/records/alert-state";
import type { Check } from "../check";

export const hostAlerts: Check = {
  id: "host.alerts",
  why: "An alert that reaches nobody is none.",
  needs: [],
  async run({ home, now }) {
    const names = (channelsRecord.read(home)?.channels ?? []).map(({ name }) => name);
    if (names.length === 0) return pass("no alerts are sent");
    const state = alertStateRecord.read(home);
    const late = new Date(now().getTime() - day).toISOString();
    const refusing = names.flatMap((name): Verdict[] => {
      const refused = state?.refused[name];
      if (!refused) return [];
      return [
        warn(
          `the receiver ${name} refused the last message (${refused.answer})`,
          `openclaw-openrouter alerts test ${name}; or replace it: alerts remove ${name}, alerts add`,
        ),
      ];
    });
    const waiting = state?.spool.filter(({ message }) => message.at < late).length ?? 0;
    return combine(`alerts go to ${names.join(", ")}`, [
      // Only a scheduled run sends alerts.
      ...(existsSync(scriptOf(home.root, "check"))
        ? []
        : [
            warn(
              `no check is scheduled on this host, so nothing tells ${names.join(", ")} of a problem`,
              "openclaw-openrouter schedule add check",
            ),
          ]),
      ...refusing,
      ...(waiting > 0
        ? [
            warn(
              `${waiting} messages wait for more than a day`,
              "See which receiver does not answer: openclaw-openrouter alerts test",
            ),
          ]
        : []),
    ]);
  },
};
