import { once } from "node:events";
import { connect, isIPv6, type Socket } from "node:net";
import { attempt } from "../../../core/attempt";
import { ifError } from "../../../core/errors";
import { ProxyRefused, tunnelTo } from "../../../core/network/http";
import { isLoopback, proxyFor } from "../../../core/network/proxy";
import { type AlertMessage, bodyOf, titleOf } from "../../../model/alert";
import type { Delivery } from "../delivery";

/** Where mail goes: `smtps://USER:PASSWORD@HOST[:PORT]/?to=ADDRESS[&from=ADDRESS]`, or `smtp://` with STARTTLS. */
interface MailTarget {
  readonly host: string;
  readonly port: number;
  /** Whether TLS begins with the connection; else by STARTTLS. */
  readonly secure: boolean;
  readonly login: { readonly user: string; readonly pass: string } | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

/** @returns the text of what is wrong, for a URL that names no receiver */
export function mailTarget(url: URL): MailTarget | string {
  const secure = url.protocol === "smtps:";
  const [user, pass] = [url.username, url.password].map((each) => attempt(() => decodeURIComponent(each)));
  if (user === undefined || pass === undefined)
    return "a % in its login that no two hexadecimal digits follow: a % itself is %25";
  // A + is what people put into an address, and not the blank that it means in a form.
  const asked = new URLSearchParams(url.search.replaceAll("+", "%2B"));
  const from = asked.get("from") ?? (user.includes("@") ? user : undefined);
  const to = asked
    .getAll("to")
    .flatMap((each) => each.split(","))
    .filter(Boolean);
  const receivers = to.length > 0 ? to : from ? [from] : [];
  if (!url.hostname) return "no host";
  if (!from || receivers.length === 0)
    return "no receiver: add ?to=you@example.org, and &from= if the user is no address";
  const wrong = [from, ...receivers].find((each) => !/^[^\s@<>,]+@[^\s@<>,]+$/.test(each));
  if (wrong !== undefined) return `${wrong}, which is no address`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    login: user ? { user, pass } : undefined,
    from,
    to: receivers,
  };
}

/**
 * Sends a message by mail, as plain text. Without TLS nothing is sent, but to this host itself. It goes through the proxy of TLS
 * connections, if there is one; many proxies refuse mail, and then it goes directly.
 * @param timeout milliseconds, for all of it
 */
export async function sendMail(
  target: MailTarget,
  message: AlertMessage,
  timeout: number,
): Promise<Delivery> {
  const { createTransport } = await import("nodemailer");
  const { host, port, secure, login, from, to } = target;
  const late = AbortSignal.timeout(timeout);
  let connection: Socket | undefined;
  try {
    connection = await connectionTo(target, late);
    const end = connection;
    late.addEventListener("abort", () => end.destroy());
    const transport = createTransport({
      ...{ host, port, secure, connection },
      requireTLS: !secure && !isLoopback(host),
      ...(login ? { auth: login } : {}),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const { rejectedErrors: [rejected] = [] } = await transport.sendMail({
      from,
      to: [...to],
      subject: titleOf(message),
      text: bodyOf(message),
      messageId: `<${message.id}@openclaw-openrouter.invalid>`,
      date: new Date(message.at),
      headers: { "Auto-Submitted": "auto-generated" },
    });
    // To send it again would repeat it to the addresses that have it.
    return rejected
      ? { result: "refused", answer: `${judged(rejected).answer} for one of its addresses` }
      : { result: "delivered" };
  } catch (error) {
    return late.aborted ? { result: "later", answer: "ETIMEDOUT" } : judged(error as MailError);
  } finally {
    connection?.destroy();
  }
}

async function connectionTo({ host, port }: MailTarget, signal: AbortSignal): Promise<Socket> {
  const url = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const proxy = proxyFor(url, process.env);
  const tunnel =
    proxy && (await tunnelTo(new URL(url), proxy, signal).catch(ifError(ProxyRefused, () => undefined)));
  if (tunnel) return tunnel;
  const socket = connect({ host, port });
  await once(socket, "connect", { signal }).catch((error) => {
    socket.destroy();
    throw error;
  });
  return socket;
}

interface MailError extends Error {
  readonly code?: string;
  /** Node's, if the mail library replaced it. */
  readonly originalCode?: string;
  readonly responseCode?: number;
}

/** Replies from 500 are a person's to correct, such as those to the login; one to the text is about this message alone. */
function judged({ code, originalCode, responseCode }: MailError): Exclude<Delivery, { result: "delivered" }> {
  const answer = responseCode ? `SMTP ${responseCode}` : (originalCode ?? code ?? "no answer");
  if (!responseCode || responseCode < 500) return { result: "later", answer };
  return { result: code === "EMESSAGE" ? "refused" : "closed", answer };
}
