import { Argument } from "commander";
import { defineCommand } from "../define-command";
import { instanceOptions } from "../options/options";

/** `alerts remove`: removes a receiver of alerts. */
export const register = defineCommand({
  name: "remove",
  summary: "remove a receiver of alerts, by its name in `alerts list`",
  arguments: [new Argument("<name>", "its name, or heartbeat")],
  options: [instanceOptions],
  needs: "deployed",
  onJoined: true,
  run: async ({ deployment, command }) => {
    const { removeChannel } = await import("../../operations/alerts/manage");
    const { removeHeartbeat } = await import("../../operations/alerts/heartbeat");
    const name: string = command.processedArgs[0];
    if (name === "heartbeat") await removeHeartbeat(deployment.home);
    else await removeChannel(deployment.home, name);
    return {
      json: { removed: name },
      text: `${name} gets no more alerts of the instance ${deployment.instance}.`,
    };
  },
});
