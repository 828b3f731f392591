import type { Model } from "./schemas";

/** Suffixes that change the routing, not the model. No catalogue lists them. */
const routing = /:(nitro|floor|online|exacto)$/;

/** The catalogue's entry for an id, by id or permanent name. */
export function findModel(catalogue: readonly Model[], id: string): Model | undefined {
  const named = (wanted: string) =>
    catalogue.find((model) => model.id === wanted || model.canonicalSlug === wanted);
  return named(id) ?? named(id.replace(routing, ""));
}

/** Whether the requested model answered: by id, by permanent name, or as the target of an alias. */
export function isSameModel(catalogue: readonly Model[], asked: string, answered: string): boolean {
  if (asked.startsWith("~")) return isOfFamily(asked, answered);
  return names(catalogue, asked).some((name) => names(catalogue, answered).includes(name));
}

function names(catalogue: readonly Model[], id: string): string[] {
  const model = findModel(catalogue, id);
  return [id.replace(routing, ""), ...(model ? [model.id, model.canonicalSlug] : [])];
}

/** The newest model of a family answers `~author/family-latest`. */
function isOfFamily(alias: string, answered: string): boolean {
  return answered === alias || answered.startsWith(alias.slice(1).replace(/latest$/, ""));
}
