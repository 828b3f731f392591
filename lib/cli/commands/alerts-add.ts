import { defineCommand } from "../define-command";
import { askReceiver } from "../input/receiver-input";
import { instanceOptions } from "../options/options";
import { say } from "../output";
import { ensureScheduled } from "./schedule-add";

/** `alerts add`: adds a receiver of alerts. */
export const register = defineCommand({
  name: "add",
  summary: "add a receiver of alerts: asks for one URL or program, and sends a test",
  options: [instanceOptions],
  help: `What you type decides the kind:
  https://…           a webhook, Slack, Discord, Mattermost, ntfy.sh or Telegram
  ntfy://HOST/TOPIC   ntfy on a server of your own
  smtps://USER:PASSWORD@HOST/?to=ADDRESS, or smtp:// with STARTTLS
  /path/of/a/program  gets the message as JSON on its standard input
Without a terminal it is read from standard input. More: docs/alerts.md.`,
  needs: "deployed",
  uses: ["network"],
  onJoined: true,
  run: async ({ deployment }) => {
    const { addChannel } = await import("../../operations/alerts/manage");
    const channel = await addChannel(deployment, await askReceiver("add", "URL or program"));
    const { name, kind, signingKey } = channel;
    say(
      `The receiver ${name} gets the alerts of the instance ${deployment.instance}; a test message has arrived.`,
    );
    if (signingKey)
      say(`Its receiver can verify them (standardwebhooks.com): the key is in ${deployment.home.alerts}.`);
    await ensureScheduled(deployment, ["check"]);
    return { json: { receiver: { name, kind } } };
  },
});
