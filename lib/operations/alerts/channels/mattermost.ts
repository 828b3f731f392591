import { bodyOf, titleOf } from "../../../model/alert";
import { fitted, type HttpChannel, withoutMarkdown } from "./channel";

/**
 * Mattermost's incoming webhooks: `/hooks/` and an id of 26 characters.
 * @see https://developers.mattermost.com/integrate/webhooks/incoming
 */
export const mattermost: HttpChannel = {
  matches: ({ pathname }) => /\/hooks\/[a-z0-9]{26}$/.test(pathname),
  render: (target, message) => ({
    url: target.href,
    body: {
      text: fitted(`${titleOf(message)}\n${bodyOf(message)}`, 4000, withoutMarkdown),
      props: { disable_group_highlight: true },
    },
  }),
};
