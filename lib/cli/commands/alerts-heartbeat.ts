import { defineCommand } from "../define-command";
import { askReceiver } from "../input/receiver-input";
import { instanceOptions } from "../options/options";
import { say } from "../output";
import { ensureScheduled } from "./schedule-add";

/** `alerts heartbeat`: says elsewhere that this host lives. */
export const register = defineCommand({
  name: "heartbeat",
  summary: "let each good scheduled check call a URL, so that a dead host is noticed elsewhere",
  options: [instanceOptions],
  help: `It asks for the URL, such as that of a check of healthchecks.io. Without a
terminal it reads it from standard input.`,
  needs: "deployed",
  uses: ["network"],
  onJoined: true,
  run: async ({ deployment }) => {
    const { heartbeatHost, setHeartbeat } = await import("../../operations/alerts/heartbeat");
    await setHeartbeat(deployment.home, await askReceiver("heartbeat", "URL"));
    const heartbeat = heartbeatHost(deployment.home);
    say(`Each good scheduled check of the instance ${deployment.instance} calls ${heartbeat}.`);
    await ensureScheduled(deployment, ["check"]);
    return { json: { heartbeat } };
  },
});
