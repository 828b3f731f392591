import { bodyOf, titleOf } from "../../../model/alert";
import { fitted, type HttpChannel, withoutMarkdown } from "./channel";

/**
 * Discord's webhooks.
 * @see https://docs.discord.com/developers/resources/webhook#execute-webhook
 */
export const discord: HttpChannel = {
  matches: ({ protocol, hostname, pathname }) =>
    protocol === "https:" &&
    /^((ptb|canary)\.)?discord(app)?\.com$/.test(hostname) &&
    pathname.startsWith("/api/"),
  render(target, message) {
    const url = new URL(target);
    // Without it Discord answers before it has stored the message.
    url.searchParams.set("wait", "true");
    return {
      url: url.href,
      body: {
        content: fitted(`${titleOf(message)}\n${bodyOf(message)}`, 2000, withoutMarkdown),
        allowed_mentions: { parse: [] },
        // SUPPRESS_EMBEDS
        flags: 4,
      },
    };
  },
};
