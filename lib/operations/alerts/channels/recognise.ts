import { existsSync } from "node:fs";
import { UserError } from "../../../core/errors";
import { isLoopback } from "../../../core/network/proxy";
import type { Channel, ChannelKind } from "../../../store/records/alert-channels";
import type { HttpChannel } from "./channel";
import { reasonAgainstProgram, wordsOf } from "./command";
import { discord } from "./discord";
import { mailTarget } from "./mail";
import { mattermost } from "./mattermost";
import { ntfy } from "./ntfy";
import { slack } from "./slack";
import { telegram } from "./telegram";
import { webhook } from "./webhook";

type HttpKind = Exclude<ChannelKind, "mail" | "command">;

/** The kinds that are called over HTTP. The last one takes every URL. */
export const httpChannels: Readonly<Record<HttpKind, HttpChannel>> = {
  slack,
  discord,
  mattermost,
  ntfy,
  telegram,
  webhook,
};

const expected = `an https:// URL (a webhook, Slack, Discord, Mattermost, ntfy, Telegram), ntfy://HOST/TOPIC,
smtps:// or smtp:// with ?to=ADDRESS, or the absolute path of a program`;

/**
 * Tells the kind of a receiver by the form of its URL or command line.
 * @throws UserError (wrong usage) that does not repeat the text, which is a secret
 */
export function recognise(text: string): Pick<Channel, "kind" | "target"> {
  const target = text.trim();
  if (target.startsWith("/")) return command(target);
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (!url) throw refused("a text that is neither a URL nor an absolute path");
  if (url.protocol === "smtp:" || url.protocol === "smtps:") {
    const mail = mailTarget(url);
    if (typeof mail === "string") throw refused(`a mail URL with ${mail}`);
    return { kind: "mail", target };
  }
  const kinds = Object.entries(httpChannels) as [HttpKind, HttpChannel][];
  const kind = kinds.find(([, channel]) => channel.matches(url))?.[0];
  if (!kind) throw refused(`a URL of the kind ${url.protocol}//`);
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    throw refused("an http:// URL, at which anybody on the way reads the messages");
  if (kind === "webhook" && (url.username || url.password))
    throw refused("a URL with a login: let the receiver verify the signature instead");
  if (kind === "webhook" && url.hash && !/^#whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(url.hash))
    throw refused("a URL with a # that no signing key follows (#whsec_…)");
  if (kind === "ntfy" && !/^\/[A-Za-z0-9_-]{1,64}$/.test(url.pathname))
    throw refused("a URL of ntfy without one topic");
  return { kind, target };
}

function command(target: string): Pick<Channel, "kind" | "target"> {
  const [program = ""] = wordsOf(target);
  if (!existsSync(program)) throw refused("the path of a program that does not exist");
  const reason = reasonAgainstProgram(program);
  if (reason) throw refused(`a program that another user can exchange, which root must not run: ${reason}`);
  return { kind: "command", target };
}

function refused(got: string): UserError {
  return new UserError({
    problem: "This is no receiver of alerts.",
    got,
    expected,
    fix: "Run it again: openclaw-openrouter alerts add",
  });
}
