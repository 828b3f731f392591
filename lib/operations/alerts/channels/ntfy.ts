import { type AlertMessage, bodyOf, titleOf } from "../../../model/alert";
import { fitted, type HttpChannel } from "./channel";

/**
 * ntfy: `https://ntfy.sh/TOPIC`, or `ntfy://HOST/TOPIC` for another server. An access token or a login stands before the host.
 * @see https://docs.ntfy.sh/publish/#publish-as-json
 */
export const ntfy: HttpChannel = {
  matches: ({ protocol, hostname }) =>
    protocol === "ntfy:" || (protocol === "https:" && hostname === "ntfy.sh"),
  render(target, message) {
    const { host, pathname } = target;
    return {
      url: `https://${host}/`,
      headers: authorization(target),
      body: {
        topic: decodeURIComponent(pathname.slice(1)),
        title: titleOf(message),
        message: fitted(bodyOf(message), 1000, (character) => character),
        priority: priority(message),
        tags: [message.phase === "resolved" ? "white_check_mark" : "warning"],
      },
    };
  },
};

/** From 1 to 5. */
function priority({ phase, severity }: AlertMessage): number {
  if (phase === "resolved" || phase === "test") return 3;
  return severity === "critical" ? 5 : 4;
}

function authorization({ username, password }: URL): Record<string, string> {
  const [name, secret] = [username, password].map(decodeURIComponent) as [string, string];
  const token = secret && !name ? secret : name.startsWith("tk_") && !secret ? name : undefined;
  if (token) return { Authorization: `Bearer ${token}` };
  if (!name) return {};
  return { Authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` };
}
