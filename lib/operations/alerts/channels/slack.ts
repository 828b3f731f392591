import { bodyOf, titleOf } from "../../../model/alert";
import { fitted, type HttpChannel } from "./channel";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Slack's incoming webhooks.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export const slack: HttpChannel = {
  matches: ({ protocol, hostname }) =>
    protocol === "https:" && (hostname === "hooks.slack.com" || hostname === "hooks.slack-gov.com"),
  render: (target, message) => ({
    url: target.href,
    body: {
      // Only what stands between < and > is a mention or a link.
      text: fitted(
        `${titleOf(message)}\n${bodyOf(message)}`,
        4000,
        (character) => entities[character] ?? character,
      ),
      mrkdwn: false,
      unfurl_links: false,
    },
  }),
};
