/** An id as OpenRouter reads it: `author/model`, `author/model:variant`, `author/model@preset/name` or `@preset/name`. */
interface ModelId {
  /** `author/model`; empty if the preset alone chooses the model. */
  readonly base: string;
  /** The word after the colon: `free`, `thinking`, `nitro` … */
  readonly variant: string | undefined;
  /** The name of a preset, which the account defines: no catalogue lists it. */
  readonly preset: string | undefined;
}

/** Variants that change the routing or the request, not the model. OpenRouter offers them for every model and lists none. */
const routing = new Set(["nitro", "floor", "online", "exacto", "thinking"]);

export function parseModelId(id: string): ModelId {
  const [model = "", preset] = id.split("@preset/");
  const colon = model.indexOf(":");
  return {
    base: colon === -1 ? model : model.slice(0, colon),
    variant: colon === -1 ? undefined : model.slice(colon + 1),
    preset,
  };
}

/** Whether a variant of an id need not be in the catalogue. */
export function isRoutingVariant(variant: string | undefined): boolean {
  return variant === undefined || routing.has(variant);
}

/** Whether OpenRouter, or a preset of the account, chooses the model that answers: `openrouter/auto`, `@preset/name`. */
export function isRouted(id: string): boolean {
  const { base, preset } = parseModelId(id);
  return preset !== undefined || base.startsWith("openrouter/");
}

/** Whether a preset of the account chooses the model: no catalogue lists `@preset/name`. */
export function isPresetAlone(id: string): boolean {
  return id.startsWith("@preset/");
}

/** Whether an id stands for the newest model of a family: `~author/family-latest`. */
export function isLatestAlias(id: string): boolean {
  return id.startsWith("~");
}

/**
 * The id in OpenClaw's own configuration: the gateway selects its provider by the prefix, and removes it from requests. Models
 * of OpenRouter's own, such as `openrouter/auto`, are named as its onboarding does: the prefix once.
 */
export function gatewayIdOf(id: string): string {
  return id.startsWith("openrouter/") ? id : `openrouter/${id}`;
}
