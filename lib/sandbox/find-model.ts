import { isRoutingVariant, parseModelId } from "../model/openclaw/model-id";
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
  if (!known) throw unavailable(400, `${id} is not a valid model ID`, "model_not_found", others(world, id));
  if (!listed(world.catalogue, world.now()).includes(known))
    throw unavailable(404, `No endpoints found for ${id}.`, "model_deprecated", others(world, id));
  const { allowedModels } = findWorkspace(world, key.workspaceId);
  const target = known.aliasOf ?? known.routesTo;
  if (target !== undefined) return findModel(world, target, key);
  if (allowedModels && !allowedModels.includes(known.id)) {
    const message =
      "No endpoints available matching your guardrail restrictions and data policy. Configure: https://openrouter.ai/settings/privacy";
    throw unavailable(404, message, "constraint_filtered", allowedModels);
  }
  return known;
}

/** The listed models of the same author. */
function others(world: World, id: string): string[] {
  const author = `${id.split("/")[0]}/`;
  const ids = listed(world.catalogue, world.now()).map((model) => model.id);
  return ids.filter((other) => other.startsWith(author));
}

/** The refusal of a model, with up to two that can answer instead. */
function unavailable(
  status: number,
  message: string,
  code: AvailabilityCode,
  instead: readonly string[],
): Refusal {
  return new Refusal(status, message, {
    availability: { code, fallback_models: instead.slice(0, 2), retry_after: null },
  });
}
