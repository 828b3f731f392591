import { attempt } from "../core/attempt";
import { ifError } from "../core/errors";
import { type Answer, errorAnswer, json, Refusal } from "./answers";
import { listed, modelsBody } from "./catalogue";
import { chat } from "./chat";
import type { ApiRequest } from "./extension";
import { authenticate, authenticateManager, currentKeyData } from "./keys";
import { changeKey, createKey, deleteKey, listKeys, showKey } from "./keys-api";
import { findWorkspace, listWorkspaces } from "./workspaces";
import type { World } from "./world";

/** The path of OpenRouter's API. */
export const apiPath = "/api/v1";

/** Answers a request to OpenRouter's API. */
export function answerApi(world: World, request: ApiRequest): Answer {
  const usual = () => refusable(() => route(world, request));
  return world.extension ? world.extension.call(request, usual) : usual();
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
      return json(200, modelsBody(listed(world.catalogue, world.now()), query));
    case "GET /models/user": {
      const { allowedModels } = findWorkspace(world, authenticate(world, key).workspaceId);
      const models = listed(world.catalogue, world.now());
      const allowed = models.filter(({ id }) => allowedModels?.includes(id) ?? true);
      return json(200, modelsBody(allowed, query));
    }
    case "GET /workspaces":
      authenticateManager(world, key);
      return listWorkspaces(world, query);
    case "POST /chat/completions":
      return chat(world, authenticate(world, key), request);
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
  return attempt(
    answer,
    ifError(Refusal, (refusal) => refusal.answer),
  );
}
