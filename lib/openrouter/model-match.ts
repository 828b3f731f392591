import type { Model } from "./schemas";

/** Suffixes that change how a model is routed, not which one answers. They stand in no catalogue. */
const routing = /:(nitro|floor|online|exacto)$/;

/** The catalogue's entry for an id, by id or permanent name. */
export function findModel(catalogue: readonly Model[], id: string): Model | undefined {
  const named = (wanted: string) =>
    catalogue.find((model) => model.id === wanted || model.canonicalSlug === wanted);
  return named(id) ?? named(id.replace(routing, ""));
}

/** Whether the model that answered is the one that was asked for: by id, by permanent name, or as what an alias stands for. */
export function isSameModel(catalogue: readonly Model[], asked: string, answered: string): boolean {
  if (asked.startsWith("~")) return isOfFamily(asked, answered);
  return names(catalogue, asked).some((name) => names(catalogue, answered).includes(name));
}

function names(catalogue: readonly Model[], id: string): string[] {
  const model = findModel(catalogue, id);
  return [id.replace(routing, ""), ...(model ? [model.id, model.canonicalSlug] : [])];
}

/** `~author/family-latest` is answered by the newest model of the family. */
function isOfFamily(alias: string, answered: string): boolean {
  return answered === alias || answered.startsWith(alias.slice(1).replace(/latest$/, ""));
}
