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

type Route = (world: World, request: ApiRequest) => Answer;

/** A call that requires a management key. */
const managed =
  (route: Route): Route =>
  (world, request) => {
    authenticateManager(world, request.key);
    return route(world, request);
  };

const showOwnKey: Route = (world, { key }) =>
  json(200, { data: currentKeyData(authenticate(world, key), world.now()) });

const routes: Readonly<Record<string, Route>> = {
  "GET /key": showOwnKey,
  "GET /auth/key": showOwnKey,
  // Public: the key does not matter.
  "GET /models": (world, { query }) => json(200, modelsBody(listed(world.catalogue, world.now()), query)),
  "GET /models/user": (world, { key, query }) => {
    const { allowedModels } = findWorkspace(world, authenticate(world, key).workspaceId);
    const models = listed(world.catalogue, world.now());
    const allowed = models.filter(({ id }) => allowedModels?.includes(id) ?? true);
    return json(200, modelsBody(allowed, query));
  },
  "POST /chat/completions": (world, request) => chat(world, authenticate(world, request.key), request),
  "GET /workspaces": managed((world, { query }) => listWorkspaces(world, query)),
  "GET /credits": managed(({ state: { account } }) =>
    json(200, { data: { total_credits: account.totalCredits, total_usage: account.totalUsage } }),
  ),
  "GET /keys": managed((world, { query }) => listKeys(world, query)),
  "POST /keys": managed((world, { body }) => createKey(world, body)),
  "GET /keys/{hash}": managed((world, { path }) => showKey(world, hashIn(path))),
  "PATCH /keys/{hash}": managed((world, { path, body }) => changeKey(world, hashIn(path), body)),
  "DELETE /keys/{hash}": managed((world, { path }) => deleteKey(world, hashIn(path))),
};

const ofKey = /^\/keys\/[^/]+$/;
const hashIn = (path: string) => path.slice("/keys/".length);

function route(world: World, request: ApiRequest): Answer {
  const path = request.path.replace(ofKey, "/keys/{hash}");
  return routes[`${request.method} ${path}`]?.(world, request) ?? errorAnswer(404, "Not Found");
}

/** Turns a refusal into its answer. */
export function refusable(answer: () => Answer): Answer {
  return attempt(
    answer,
    ifError(Refusal, (refusal) => refusal.answer),
  );
}
