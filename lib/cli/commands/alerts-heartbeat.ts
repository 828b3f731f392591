import { Argument } from "commander";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";
import { say } from "../output";
import { ensureScheduled } from "./schedule-add";

/** `alerts heartbeat`: says elsewhere that this host lives. */
export const register = defineCommand({
  name: "heartbeat",
  summary: "let each good scheduled check call a URL, so that a dead host is noticed elsewhere",
  arguments: [new Argument("<url>", "for example that of a check of healthchecks.io")],
  options: [instanceOptions],
  needs: "deployed",
  onJoined: true,
  run: async ({ deployment, command }) => {
    const { heartbeatHost, setHeartbeat } = await import("../../operations/alerts/heartbeat");
    await setHeartbeat(deployment.home, command.processedArgs[0]);
    const heartbeat = heartbeatHost(deployment.home);
    say(`Each good scheduled check of the instance ${deployment.instance} calls ${heartbeat}.`);
    await ensureScheduled(deployment, ["check"]);
    return { json: { heartbeat } };
  },
});
