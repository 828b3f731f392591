import { bodyOf, titleOf } from "../../../model/alert";
import { fitted, type HttpChannel } from "./channel";

/**
 * A Telegram bot: `https://api.telegram.org/botTOKEN/sendMessage?chat_id=ID`.
 * @see https://core.telegram.org/bots/api#sendmessage
 */
export const telegram: HttpChannel = {
  matches: ({ hostname, pathname, searchParams }) =>
    hostname === "api.telegram.org" &&
    /^\/bot[^/]+\/sendMessage$/i.test(pathname) &&
    searchParams.has("chat_id"),
  render: ({ origin, pathname, searchParams }, message) => ({
    url: `${origin}${pathname}`,
    body: {
      chat_id: searchParams.get("chat_id"),
      ...(searchParams.has("message_thread_id")
        ? { message_thread_id: Number(searchParams.get("message_thread_id")) }
        : {}),
      // Without a parse_mode there is no markup; a mention needs its sign.
      text: fitted(`${titleOf(message)}\n${bodyOf(message)}`, 4096, (character) =>
        character === "@" ? "＠" : character,
      ),
      link_preview_options: { is_disabled: true },
    },
  }),
};
