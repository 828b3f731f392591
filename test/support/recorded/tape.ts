import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { exchange as realExchange } from "../../../lib/core/network/http";
import { askedFor, type RecordedAnswer } from "./recording";

type Exchange = typeof realExchange;

/** What the calls of a run were answered. A test file mocks `lib/core/network/http` with one of the two. */
export const tape = {
  answers: {} as Record<string, RecordedAnswer>,
  /** The name of each identity by its role id. */
  identities: {} as Record<string, string>,
};

/** Calls, and keeps what was answered. */
export function recording(exchange: Exchange): Exchange {
  return async (url, options) => {
    const answer = await exchange(url, options);
    const body = answer.text === "" ? null : JSON.parse(answer.text);
    tape.answers[askedFor(url, options, tape.identities)] = { status: answer.status, body };
    return answer;
  };
}

/** What Vault says of a list without entries: one that a later version asks for was not recorded. */
const emptyList: RecordedAnswer = { status: 404, body: { errors: [] } };

/** Calls nobody: answers as the tape has it. What was never asked of the real part has no answer. */
export const playing: Exchange = async (url, options) => {
  const asked = askedFor(url, options, tape.identities);
  const found = tape.answers[asked] ?? (/^vault GET .*\?list=true$/.test(asked) ? emptyList : undefined);
  if (!found) throw Object.assign(new Error(`not recorded: ${asked}`), { code: "ECONNREFUSED" });
  return { status: found.status, headers: {}, text: found.body === null ? "" : JSON.stringify(found.body) };
};

/** Archives of containers are not recorded: there is nothing at any path. */
export const nothingOpened = async (): Promise<IncomingMessage> =>
  Object.assign(Readable.from([]), { statusCode: 404, headers: {} }) as unknown as IncomingMessage;
