import { table } from "../../core/text";
import type { ChannelStatus } from "../../operations/alerts/manage";
import { unheardBecause } from "../../store/records/alert-state";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `alerts list`: lists the receivers of alerts. */
export const register = defineCommand({
  name: "list",
  summary: "list the receivers of alerts, without their secrets, and what they refuse",
  options: [instanceOptions],
  needs: "deployed",
  onJoined: true,
  run: async ({ deployment }) => {
    const { listChannels } = await import("../../operations/alerts/manage");
    const { heartbeatHost } = await import("../../operations/alerts/heartbeat");
    const receivers = listChannels(deployment.home);
    const { readState } = await import("../../operations/alerts/tell");
    const heartbeat = heartbeatHost(deployment.home);
    const unheard = unheardBecause(readState(deployment.home));
    const called = `${heartbeat}, called by each good scheduled check`;
    const rows = [
      ...receivers.map(rowOf),
      ...(heartbeat ? [["heartbeat", unheard ? `${called}; it ${unheard}` : called]] : []),
    ];
    const view = table(rows) || "No alerts are sent. To add a receiver: openclaw-openrouter alerts add";
    return { json: { receivers, heartbeat }, view };
  },
});

function rowOf({ name, to, waiting, refused }: ChannelStatus): string[] {
  const problems = [
    ...(refused ? [`refuses messages since ${refused.at} (${refused.answer})`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
  ];
  return [name, [to, ...problems].join("; ")];
}
