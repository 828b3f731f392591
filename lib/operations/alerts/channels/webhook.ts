import { createHmac } from "node:crypto";
import { bodyOf, titleOf } from "../../../model/alert";
import type { HttpChannel } from "./channel";

/**
 * Any receiver of JSON. Messages are signed as the Standard Webhooks specification says, so that its libraries verify them.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhook: HttpChannel = {
  matches: ({ protocol }) => protocol === "https:" || protocol === "http:",
  render(target, message, signingKey) {
    const body = {
      type: `openclaw-openrouter.${message.event}`,
      timestamp: message.at,
      data: { ...message, title: titleOf(message), text: bodyOf(message) },
    };
    const seconds = String(Math.floor(Date.now() / 1000));
    const signature = signingKey && signed(signingKey, `${message.id}.${seconds}.${JSON.stringify(body)}`);
    const url = new URL(target);
    url.hash = "";
    return {
      url: url.href,
      headers: {
        "Idempotency-Key": message.id,
        "webhook-id": message.id,
        "webhook-timestamp": seconds,
        ...(signature ? { "webhook-signature": `v1,${signature}` } : {}),
      },
      body,
    };
  },
};

/** @param key `whsec_` and the key's bytes in Base64 */
function signed(key: string, content: string): string {
  return createHmac("sha256", Buffer.from(key.slice("whsec_".length), "base64"))
    .update(content)
    .digest("base64");
}
