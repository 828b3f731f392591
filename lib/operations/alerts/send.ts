import { boundedText, longest } from "../../core/bounded";
import { CertificateRefused, open } from "../../core/network/http";
import { proxyFor } from "../../core/network/proxy";
import type { AlertMessage } from "../../model/alert";
import type { Channel } from "../../store/records/alert-channels";
import type { HttpMessage } from "./channels/channel";
import { type Delivery, lastsFor } from "./delivery";

/**
 * Sends a message to a channel. Never throws: what fails is a result.
 * @param timeout milliseconds
 */
export async function send(channel: Channel, message: AlertMessage, timeout = lastsFor): Promise<Delivery> {
  try {
    switch (channel.kind) {
      case "command": {
        const { runCommandOf } = await import("./channels/command");
        return await runCommandOf(channel.target, message, timeout);
      }
      case "mail": {
        const { mailTarget, sendMail } = await import("./channels/mail");
        const target = mailTarget(new URL(channel.target));
        return typeof target === "string"
          ? { result: "refused", answer: target }
          : await sendMail(target, message, timeout);
      }
      default: {
        const { httpChannels } = await import("./channels/recognise");
        const url = new URL(channel.target);
        return await post(httpChannels[channel.kind].render(url, message, channel.signingKey), timeout);
      }
    }
  } catch (error) {
    return { result: "later", answer: codeOf(error) };
  }
}

/** The statuses by which a receiver refuses what it was sent; by others, such as 401 or 404, whatever it is sent. */
const ofMessage = [400, 413, 422];

/**
 * Posts a message. Redirects are not followed: they would lead it elsewhere. The status decides: a receiver whose answer does
 * not end has the message all the same.
 */
async function post({ url, headers, body }: HttpMessage, timeout: number): Promise<Delivery> {
  const answer = await open(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "User-Agent": "openclaw-openrouter", ...headers },
    body: JSON.stringify(body),
    proxy: proxyFor(url, process.env),
    timeout,
  });
  try {
    const { statusCode: status = 0 } = answer;
    if (status >= 200 && status < 300) return { result: "delivered" };
    const said = `status ${status}`;
    if (ofMessage.includes(status)) return { result: "refused", answer: said };
    if (![408, 425, 429].includes(status) && status < 500) return { result: "closed", answer: said };
    const text = await boundedText(answer, longest.answer).catch(() => "");
    return { result: "later", answer: said, afterSeconds: wait(answer.headers["retry-after"], text) };
  } finally {
    answer.destroy();
  }
}

/** How long the receiver asks to wait, in seconds: by the header, as a date or a number, or in Discord's and Telegram's body. */
function wait(header: string | undefined, body: string): number | undefined {
  if (header !== undefined && header !== "") {
    const seconds = /^\d+(\.\d+)?$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
    if (Number.isFinite(seconds)) return Math.max(0, seconds);
  }
  const told = /"retry_after"\s*:\s*(\d+(\.\d+)?)/.exec(body)?.[1];
  return told === undefined ? undefined : Number(told);
}

/** The code of a failed connection: its message can hold the URL, which is a secret. */
function codeOf(error: unknown): string {
  const { code } = (error instanceof CertificateRefused ? error.cause : error) as { code?: unknown };
  return typeof code === "string" ? code : error instanceof Error ? error.name : "no connection";
}
