import { type Answer, json, Refusal } from "./answers";
import { pageOf } from "./requests";
import type { KeyRecord, WorkspaceRecord } from "./state";
import { rollOver } from "./usage";
import type { World } from "./world";

/**
 * A workspace by its id. @param id @default the default workspace
 * @throws {Refusal} 404
 */
export function findWorkspace({ state }: World, id: string | undefined): WorkspaceRecord {
  const found = id === undefined ? state.workspaces[0] : state.workspaces.find((one) => one.id === id);
  if (!found) throw new Refusal(404, "Workspace not found");
  return found;
}

/**
 * Refuses a chat if its key's workspace has spent its budget, whatever the key's own limit is.
 * @throws {Refusal} 403
 */
export function assertBudget(world: World, key: KeyRecord): void {
  const { id, monthlyBudget } = findWorkspace(world, key.workspaceId);
  if (monthlyBudget === null) return;
  const spent = world.state.keys
    .filter(({ workspaceId }) => workspaceId === id)
    .reduce((sum, { usage }) => sum + rollOver(usage, world.now()).monthly, 0);
  if (spent >= monthlyBudget)
    throw new Refusal(403, `Workspace monthly budget of $${monthlyBudget.toFixed(2)} exceeded`);
}

/** `GET /workspaces`: 100 of them from `offset` on. */
export function listWorkspaces({ state }: World, query: URLSearchParams): Answer {
  const data = pageOf(state.workspaces, query).map(describe);
  return json(200, { data, total_count: state.workspaces.length });
}

function describe({ id, name, slug, createdAt }: WorkspaceRecord): unknown {
  return {
    id,
    name,
    slug,
    description: null,
    created_at: createdAt,
    created_by: "user_sandbox",
    updated_at: null,
    default_guardrail_id: id.replace(/^./, "f"),
    default_image_model: null,
    default_text_model: null,
    default_provider_sort: null,
    disabled_server_tools: null,
    include_byok_in_budgets: false,
    io_logging_api_key_ids: null,
    io_logging_sampling_rate: 1,
    is_data_discount_logging_enabled: false,
    is_observability_broadcast_enabled: false,
    is_observability_io_logging_enabled: false,
  };
}
