import { type Answer, errorAnswer, json, Refusal } from "./answers";
import { listed, modelsBody } from "./catalogue";
import { chat } from "./chat";
import { answerOf, disturb } from "./faults";
import { authenticate, authenticateManager, currentKeyData } from "./keys";
import { changeKey, createKey, deleteKey, listKeys, showKey } from "./keys-api";
import type { World } from "./world";

/** The path of OpenRouter's API. */
export const apiPath = "/api/v1";

/** The parts of a request that the API uses. */
export interface ApiRequest {
  readonly method: string;
  /** Without `/api/v1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The key of the header Authorization. */
  readonly key: string | undefined;
  readonly fingerprint: string | undefined;
  /** The parsed JSON; undefined if there is no body. */
  readonly body: unknown;
}

/** Answers a request to OpenRouter's API, with the active faults. */
export function answerApi(world: World, request: ApiRequest): Answer {
  const fault = world.faults.take(request, undefined);
  if (!fault) return refusable(() => route(world, request));
  return disturb(answerOf(fault) ?? refusable(() => route(world, request)), fault);
}

function route(world: World, request: ApiRequest): Answer {
  const { method, path, key, body, query } = request;
  const hash = /^\/keys\/([^/]+)$/.exec(path)?.[1];
  if (hash) {
    authenticateManager(world, key);
    if (method === "GET") return showKey(world, hash);
    if (method === "PATCH") return changeKey(world, hash, body);
    if (method === "DELETE") return deleteKey(world, hash);
  }
  switch (`${method} ${path}`) {
    case "GET /key":
    case "GET /auth/key":
      return json(200, { data: currentKeyData(authenticate(world, key), world.now()) });
    // Public: the key does not matter.
    case "GET /models":
      return json(200, modelsBody(listed(world.catalogue, world.now())));
    case "POST /chat/completions":
      return chat(world, authenticate(world, key), body, (model) => world.faults.take(request, model));
    case "GET /credits": {
      authenticateManager(world, key);
      const { totalCredits, totalUsage } = world.state.account;
      return json(200, { data: { total_credits: totalCredits, total_usage: totalUsage } });
    }
    case "GET /keys":
      authenticateManager(world, key);
      return listKeys(world, query);
    case "POST /keys":
      authenticateManager(world, key);
      return createKey(world, body);
    default:
      return errorAnswer(404, "Not Found");
  }
}

/** Turns a refusal into its answer. */
export function refusable(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}
