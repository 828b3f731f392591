import type { Model } from "../../lib/openrouter/schemas";

/** An entry of the catalogue. */
export const catalogueModel = (id: string, extra: Partial<Model> = {}): Model => ({
  id,
  canonicalSlug: id,
  name: id,
  contextLength: 1000,
  expirationDate: undefined,
  supportedParameters: [],
  mustReason: false,
  aliasTarget: undefined,
  promptPrice: 0.000001,
  completionPrice: 0.000005,
  reasoningPrice: undefined,
  requestPrice: undefined,
  ...extra,
});
