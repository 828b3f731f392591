import { z } from "zod";
import { type Answer, json, Refusal } from "./answers";
import { addKey, keyItem, newKey } from "./keys";
import { pageOf, parseBody } from "./requests";
import { findWorkspace } from "./workspaces";
import type { World } from "./world";

const changes = z.object({
  name: z.string().min(1).optional(),
  disabled: z.boolean().optional(),
  limit: z.number().nonnegative().nullish(),
  limit_reset: z.enum(["daily", "weekly", "monthly"]).nullish(),
  include_byok_in_limit: z.boolean().optional(),
});
const creation = changes.omit({ disabled: true }).extend({
  name: z.string().min(1),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
  workspace_id: z.string().optional(),
});

/** `POST /keys`: the only answer that shows a key. */
export function createKey(world: World, body: unknown): Answer {
  const wanted = parseBody(creation, body);
  const key = newKey();
  const record = addKey(world, key, {
    name: wanted.name,
    limit: wanted.limit ?? null,
    limitReset: wanted.limit_reset ?? null,
    includeByokInLimit: wanted.include_byok_in_limit ?? false,
    expiresAt: wanted.expires_at ?? null,
    workspaceId: findWorkspace(world, wanted.workspace_id).id,
  });
  return json(201, { data: keyItem(record, world.now()), key });
}

/** `GET /keys`: 100 ordinary keys of one workspace from `offset` on, including disabled ones if requested. */
export function listKeys(world: World, query: URLSearchParams): Answer {
  const all = query.get("include_disabled") === "true";
  const { id } = findWorkspace(world, query.get("workspace_id") ?? undefined);
  const keys = world.state.keys.filter(
    (record) => !record.management && record.workspaceId === id && (all || !record.disabled),
  );
  return json(200, { data: pageOf(keys, query).map((record) => keyItem(record, world.now())) });
}

/** `GET /keys/{hash}`. */
export function showKey(world: World, hash: string): Answer {
  return json(200, { data: keyItem(find(world, hash), world.now()) });
}

/** `PATCH /keys/{hash}`. */
export function changeKey(world: World, hash: string, body: unknown): Answer {
  const wanted = parseBody(changes, body);
  const record = find(world, hash);
  if (wanted.name !== undefined) record.name = wanted.name;
  if (wanted.disabled !== undefined) record.disabled = wanted.disabled;
  if (wanted.limit !== undefined) record.limit = wanted.limit;
  if (wanted.limit_reset !== undefined) record.limitReset = wanted.limit_reset;
  if (wanted.include_byok_in_limit !== undefined) record.includeByokInLimit = wanted.include_byok_in_limit;
  record.updatedAt = world.now().toISOString();
  world.save();
  return json(200, { data: keyItem(record, world.now()) });
}

/** `DELETE /keys/{hash}`. */
export function deleteKey(world: World, hash: string): Answer {
  const record = find(world, hash);
  world.state.keys = world.state.keys.filter((candidate) => candidate !== record);
  world.save();
  return json(200, { deleted: true });
}

function find(world: World, hash: string) {
  const record = world.state.keys.find((candidate) => candidate.hash === hash && !candidate.management);
  if (!record) throw new Refusal(404, "API key not found");
  return record;
}
