import { isRoutingVariant, parseModelId } from "../model/model-id";
import { type AvailabilityCode, Refusal } from "./answers";
import { type CatalogueModel, listed } from "./catalogue";
import type { KeyRecord } from "./state";
import { findWorkspace } from "./workspaces";
import type { World } from "./world";

/**
 * The model that answers a call for an id: what the id, the permanent name, the alias, the router or the preset stands for.
 * @throws {Refusal} 400, 404
 */
export function findModel(world: World, id: string, key: KeyRecord): CatalogueModel {
  const { base, variant, preset } = parseModelId(id);
  if (preset !== undefined) {
    const target = Object.hasOwn(world.state.account.presets, preset)
      ? world.state.account.presets[preset]
      : undefined;
    if (target === undefined) throw new Refusal(400, `${id} is not a valid model ID`);
    return findModel(world, base === "" ? target : id.slice(0, id.indexOf("@")), key);
  }
  const named = (name: string) =>
    world.catalogue.find((model) => model.id === name) ??
    world.catalogue.find((model) => model.canonicalSlug === name);
  const known = named(id) ?? (isRoutingVariant(variant) ? named(base) : undefined);
  if (!known) throw unavailable(world, 400, `${id} is not a valid model ID`, "model_not_found", authorOf(id));
  if (!listed(world.catalogue, world.now()).includes(known))
    throw unavailable(world, 404, `No endpoints found for ${id}.`, "model_deprecated", authorOf(id));
  const { allowedModels } = findWorkspace(world, key.workspaceId);
  const target = known.aliasOf ?? known.routesTo;
  if (target !== undefined) return findModel(world, target, key);
  if (allowedModels && !allowedModels.includes(known.id)) {
    const message =
      "No endpoints available matching your guardrail restrictions and data policy. Configure: https://openrouter.ai/settings/privacy";
    throw unavailable(world, 404, message, "constraint_filtered", authorOf(allowedModels[0] ?? ""));
  }
  return known;
}

function authorOf(id: string): string {
  return id.split("/")[0]!;
}

/** The refusal of a model, with up to two others of an author instead. */
function unavailable(
  world: World,
  status: number,
  message: string,
  code: AvailabilityCode,
  author: string,
): Refusal {
  const others = listed(world.catalogue, world.now()).filter((model) => authorOf(model.id) === author);
  const fallbackModels = others.slice(0, 2).map(({ id }) => id);
  return new Refusal(status, message, {
    availability: { code, fallback_models: fallbackModels, retry_after: null },
  });
}
