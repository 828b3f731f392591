import { UserError } from "../../core/errors";
import { exchange } from "../../core/network/http";
import { isLoopback, proxyFor } from "../../core/network/proxy";
import type { HomePaths } from "../../model/home-paths";
import { channelsRecord, readChannels } from "../../store/records/alert-channels";
import { alertStateRecord, heartbeatName } from "../../store/records/alert-state";
import { lastsFor } from "./delivery";
import { readState, underAlertLock } from "./tell";

/**
 * Says elsewhere that this host lives.
 * @returns why the call was not taken, without the URL, which is a secret; undefined if it was
 */
async function callHeartbeat(url: string): Promise<string | undefined> {
  const headers = { "User-Agent": "openclaw-openrouter" };
  try {
    const { status } = await exchange(url, { headers, proxy: proxyFor(url, process.env), timeout: lastsFor });
    return status >= 200 && status < 300 ? undefined : `status ${status}`;
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    return code ?? name;
  }
}

/**
 * Calls the URL for a good check. A call that does not arrive is missed there: that is what it is for. A service that refuses it
 * for good, as one of which the check was deleted, misses none, so that is kept to be told.
 */
export async function beat(home: HomePaths, url: string): Promise<void> {
  const why = await callHeartbeat(url);
  const isRefused = /^status (3|4(?!08|25|29))/.test(why ?? "");
  if (why === undefined || isRefused) await keepAnswer(home, why);
}

/** @param refusal the answer of the heartbeat's service if it refused the last call */
async function keepAnswer(home: HomePaths, refusal: string | undefined): Promise<void> {
  if (refusal === undefined && !readState(home).refused[heartbeatName]) return;
  await underAlertLock(home, (state) => {
    const { [heartbeatName]: _, ...others } = state.refused;
    const own =
      refusal === undefined ? {} : { [heartbeatName]: { at: new Date().toISOString(), answer: refusal } };
    alertStateRecord.write(home, { ...state, refused: { ...others, ...own } });
  });
}

/**
 * Sets the URL that each good scheduled check calls, after one call of it was taken: a wrong one would be called for years.
 * @throws UserError for another URL than https, or if the call is not taken
 */
export async function setHeartbeat(home: HomePaths, url: string): Promise<void> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isSafe =
    parsed?.protocol === "https:" || (parsed?.protocol === "http:" && isLoopback(parsed.hostname));
  if (!isSafe || parsed?.username || parsed?.password) {
    throw new UserError({
      problem: "This URL cannot be called.",
      got: parsed ? `a URL of the kind ${parsed.protocol}//, or one with a login` : "a text that is no URL",
      expected: "an https:// URL, such as a check of healthchecks.io",
    });
  }
  const why = await callHeartbeat(url);
  if (why !== undefined) {
    throw new UserError({
      problem: `The call of the heartbeat's URL at ${parsed?.host} was not taken, so it was not set.`,
      got: why,
      expected: "a status of 200 to 299",
      fix: "Correct the URL, then run: openclaw-openrouter alerts heartbeat",
    });
  }
  channelsRecord.write(home, { ...readChannels(home), heartbeat: url });
  await keepAnswer(home, undefined);
}

/** No check calls a URL any more. */
export async function removeHeartbeat(home: HomePaths): Promise<void> {
  const { heartbeat: _, ...rest } = readChannels(home);
  channelsRecord.write(home, rest);
  await keepAnswer(home, undefined);
}

/** The host that is called as heartbeat; undefined if there is none. */
export function heartbeatHost(home: HomePaths): string | undefined {
  const heartbeat = readChannels(home).heartbeat;
  return heartbeat && new URL(heartbeat).host;
}
